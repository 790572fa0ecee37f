import { rejectsApi, type RejectView, upwardTopic } from '#contracts';
import type { ApiClient, TestApi } from './api.js';
import type { ApiWithIngest } from './api-with-ingest.js';
import { device, municipality, node, placement, product, type TestDevice, user } from './builders.js';
import { connect, publish } from './mqtt.js';

/** A lock that stands at a unit of a municipality of its own, and the unit's technician. */
export async function placedLock(api: TestApi) {
  const root = await municipality(api);
  const unit = await node(api, root);
  const kind = await product(api, unit);
  const lock = await device(api, unit, { product: kind });
  await placement(api, { device: lock, node: unit });
  const technician = api.as(await user(api, { role: 'technician', node: unit, name: 'Tove Tekniker' }));
  return { root, unit, kind, lock, technician };
}

/** Publishes usage over MQTT, as a device does. */
export async function sayUsage({ ingest }: ApiWithIngest, device: TestDevice, content: unknown): Promise<void> {
  const client = await connect({ ...device, port: ingest.port });
  await publish(client, upwardTopic(device.publicId, 'usage'), content);
  await client.endAsync();
}

/** The rejects that a person sees. */
export const rejectsOf = async (client: ApiClient, query: object = {}): Promise<RejectView[]> =>
  (await client.call(rejectsApi.list, { query })).rows;

/** A usage that a lock cannot have: its metric is another family’s. */
export const session = (id: string, minutesAgo: number) => ({
  id,
  metric: 'session',
  at: Date.now() - minutesAgo * 60_000,
  value: 30,
});
