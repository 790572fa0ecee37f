import type { Ecosystem } from '#domain';
import { CHIRPSTACK } from './chirpstack.js';
import { HOMEASSISTANT } from './homeassistant.js';
import { HOMIE } from './homie.js';
import type { Adapter } from './reading.js';
import { SPARKPLUG } from './sparkplug/sparkplug.js';
import { THINGSBOARD } from './thingsboard.js';
import { ZIGBEE2MQTT } from './zigbee2mqtt.js';

export * from './apply-mapping.js';
export * from './native-messages.js';
export { MAX_EXTERNAL_NAME } from './reading.js';
export type { Adaptation, Adapter, DeviceReadings, Reading, SessionAdapter, SessionStep } from './reading.js';
export { type EdgeSession, NO_EDGE_SESSION, resumed } from './sparkplug/edge-session.js';
export * from './topic-filter.js';

/** The adapter of each ecosystem. A new one is one file and one entry here. */
export const ADAPTERS: Readonly<Record<Ecosystem, Adapter>> = {
  thingsboard: THINGSBOARD,
  chirpstack: CHIRPSTACK,
  zigbee2mqtt: ZIGBEE2MQTT,
  homeassistant: HOMEASSISTANT,
  homie: HOMIE,
  sparkplug: SPARKPLUG,
};
