import { z } from 'zod';
import { endpoint } from './endpoint.js';
import { HealthMessage, MAX_USAGES_PER_MESSAGE, REJECT_CODES, StateMessage, UsageMessage } from './telemetry.js';

/**
 * The device that a message is about. A device's own token: itself, also when left out. A gateway's: the name that the
 * device is granted under, or its public id.
 */
const OfDevice = z.object({ device: z.string().max(120).optional() });

/** Usages in the wire format of MQTT, alone, in an array, or with the device that they are about. */
export const TelemetryBody = z.union([
  UsageMessage,
  z.array(UsageMessage).min(1).max(MAX_USAGES_PER_MESSAGE),
  OfDevice.extend({ usages: z.array(UsageMessage).min(1).max(MAX_USAGES_PER_MESSAGE) }),
]);

/** What was taken into the inbox, and what the message alone already shows to be wrong (also kept as rejects). */
export const TelemetryAnswer = z
  .object({
    accepted: z.number().int(),
    rejected: z.array(
      z.object({
        /** Place in the array; null = the whole message. */
        index: z.number().int().nullable(),
        code: z.enum(REJECT_CODES),
        reason: z.string(),
      }),
    ),
  })
  .meta({ id: 'TelemetryAnswer' });
export type TelemetryAnswer = z.output<typeof TelemetryAnswer>;

const BY_TOKEN = 'with the name and secret of the device or of its gateway (Basic, or Bearer name:secret)';

/** The same messages as over MQTT, for what speaks HTTP. 202 = stored for good; it is counted within a second. */
export const telemetryApi = {
  usage: endpoint({
    method: 'POST',
    path: '/api/telemetry',
    access: 'public',
    summary: `Usages of a device, ${BY_TOKEN}`,
    takes: 'application/json',
    status: 202,
    body: TelemetryBody,
    response: TelemetryAnswer,
  }),
  state: endpoint({
    method: 'POST',
    path: '/api/telemetry/state',
    access: 'public',
    summary: `What a device says about itself, ${BY_TOKEN}`,
    takes: 'application/json',
    status: 202,
    body: OfDevice.extend(StateMessage.shape),
    response: TelemetryAnswer,
  }),
  health: endpoint({
    method: 'POST',
    path: '/api/telemetry/health',
    access: 'public',
    summary: `A device’s condition, ${BY_TOKEN}`,
    takes: 'application/json',
    status: 202,
    body: OfDevice.extend(HealthMessage.shape),
    response: TelemetryAnswer,
  }),
};
