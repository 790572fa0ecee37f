const STATUS = {
  wrong_credentials: 401,
  device_not_yours: 403,
  payload_too_large: 413,
  device_not_named: 422,
  rate_limited: 429,
} as const;

/** A message over HTTP that is not taken as a whole; the caller is told at once. */
export class TelemetryRefused extends Error {
  override readonly name = 'TelemetryRefused';
  readonly statusCode: (typeof STATUS)[keyof typeof STATUS];

  constructor(
    readonly code: keyof typeof STATUS,
    message: string,
    readonly retryAfterSeconds?: number,
  ) {
    super(message);
    this.statusCode = STATUS[code];
  }
}
