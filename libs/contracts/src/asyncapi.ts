import { z } from 'zod';
import { endpoint } from './endpoint.js';
import type { RejectCode } from './telemetry.js';

/** What each reject code says to the device's maker; the web has texts of its own for technicians. */
export const REJECT_MEANINGS: Readonly<Record<RejectCode, string>> = {
  payload_too_large: 'The payload is longer than 64 KiB.',
  not_json: 'The payload is no JSON.',
  binary_payload: 'The payload is no UTF-8 text, or holds control characters. Nothing of it is kept.',
  schema: 'The JSON is not as this document says.',
  unknown_device: 'A log-in under a name that no device has.',
  device_retired: 'The device is retired.',
  unknown_metric: 'The product family has no such metric.',
  value_out_of_range: 'The value or an attribute is none that the metric can have.',
  time_in_future: 'The time is more than five minutes ahead of the server’s clock.',
  time_too_old: 'The time is before the oldest raw data that is kept.',
  id_reused: 'The same id and time came before with other content.',
  session_times: 'A session ends before it starts, its value is not its duration, or an event has an end.',
  topic_not_allowed: 'The topic is not one of the device’s own.',
  rate_limited: 'Too many messages at QoS 0; at QoS 1 the acknowledgement comes later instead.',
  consent_withdrawn: 'The participant’s consent is withdrawn. Nothing of it is kept.',
};

/** An AsyncAPI 3.0 document; what it holds is tested on the server. */
export const AsyncApiView = z
  .looseObject({ asyncapi: z.literal('3.0.0'), channels: z.looseObject({}), operations: z.looseObject({}) })
  .meta({ id: 'AsyncApi' });

export const documentsApi = {
  asyncApi: endpoint({
    method: 'GET',
    path: '/api/asyncapi.json',
    access: 'public',
    summary: 'The device contract: topics, messages, limits and reject codes, as AsyncAPI 3.0',
    response: AsyncApiView,
  }),
};
