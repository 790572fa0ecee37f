export * from './native/canonical-json.js';
export * from './native/decode-health.js';
export * from './native/decode-state.js';
export * from './native/decode-usage.js';
export * from './native/message.js';
export * from './native/message-key.js';
export * from './native/time-usage.js';
export * from './native/usage-fault.js';
