import type { Statement } from './statement.js';

/**
 * Adds signs of life (rule U12) to the days they lie in, those that are known stay; in the order of the key, so that two
 * writers with the same wait instead of deadlocking. The parameters of devices and of UTC hours, and whether to write at all.
 */
export const addLife = (devices: string, hours: string, condition: string): string => /* sql */ `
      insert into device_life as known (device_key, day, hours)
      select device_key, (hour at time zone 'UTC')::date, bit_or(1 << extract(hour from hour at time zone 'UTC')::int)
      from unnest(${devices}::int[], ${hours}::timestamptz[]) as l(device_key, hour)
      where ${condition}
      group by 1, 2 order by 1, 2
      on conflict (device_key, day) do update set hours = known.hours | excluded.hours
      where known.hours | excluded.hours <> known.hours`;

/** Signs of life of devices that spoke without a usage. $1 devices, $2 UTC hours. */
export const RECORD_LIFE: Statement = {
  name: 'record_life',
  text: addLife('$1', '$2', 'true'),
};
