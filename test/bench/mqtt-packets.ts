/** A text or bytes with their length in front [MQTT-1.5.3]. */
export const field = (value: string | Buffer): Buffer => {
  const bytes = Buffer.from(value);
  const length = Buffer.alloc(2);
  length.writeUInt16BE(bytes.length);
  return Buffer.concat([length, bytes]);
};

/** Fixed header with the remaining length as MQTT's variable-byte integer [MQTT-2.2.3]. */
export function packet(firstByte: number, body: Buffer): Buffer {
  const header = [firstByte];
  let rest = body.length;
  do {
    header.push((rest % 128) | (rest >= 128 ? 128 : 0));
    rest = Math.floor(rest / 128);
  } while (rest > 0);
  return Buffer.concat([Buffer.from(header), body]);
}

/** A clean session with a user name and a password, and a keep-alive of a minute. */
export const connectPacket = (id: string, secret: string): Buffer =>
  packet(
    0x10,
    Buffer.concat([field('MQTT'), Buffer.from([4, 0b1100_0010, 0, 60]), field(id), field(id), field(secret)]),
  );
