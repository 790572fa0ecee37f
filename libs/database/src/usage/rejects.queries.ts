import type { Statement } from './statement.js';

/** Most rejects stored per device and hour; beyond it they are only counted (rule K3). */
export const STORED_REJECTS_PER_HOUR = 100;

/**
 * Counts rejects and stores the first 100 per device and hour. A device key of 0 stands for an unknown device, which is
 * null in the stored row. $1 received, $2 device, $3 client, $4 topic, $5 code, $6 reason, $7 element, $8 payload as
 * hexadecimal (null = none), $9 payload bytes, $10 the number stored per hour.
 */
export const RECORD_REJECTS: Statement = {
  name: 'record_rejects',
  text: /* sql */ `
    with given as materialized (
      select *, date_bin('1 hour', received_at, 'epoch') as hour from unnest(
        $1::timestamptz[], $2::int[], $3::text[], $4::text[], $5::text[], $6::text[], $7::int[], $8::text[], $9::int[]
      ) with ordinality as g(received_at, device_key, client_name, topic, code, reason, element, payload, payload_bytes, place)
    ),
    before as materialized (
      select hour, device_key, sum(count) as count from rejected_count
      where (hour, device_key) in (select hour, device_key from given)
      group by hour, device_key
    ),
    counted as (
      insert into rejected_count as c (hour, device_key, code, count)
      select hour, device_key, code, count(*) from given group by 1, 2, 3 order by 1, 2, 3
      on conflict (hour, device_key, code) do update set count = c.count + excluded.count
    )
    insert into rejected_message (received_at, device_key, client_name, topic, code, reason, element, payload, payload_bytes)
    select received_at, nullif(device_key, 0), client_name, topic, code, reason, element, decode(payload, 'hex'), payload_bytes
    from (
      select g.*, coalesce(b.count, 0) + row_number() over (partition by hour, device_key order by place) as number
      from given g left join before b using (hour, device_key)
    ) numbered
    where number <= $10::int
    order by place`,
};
