import fc from 'fast-check';
import { generate, type IPublishPacket, type Packet } from 'mqtt-packet';
import { describe, expect, it } from 'vitest';
import { PublishScanner, type Delivery } from './publish-scanner.js';

const V5 = { protocolVersion: 5 } as const;

/** What a scanner makes of these pieces, in order: messages, and the bytes of other packets. */
function scan(pieces: readonly Buffer[], maxPacketBytes = 300_000): (Partial<Delivery> | Buffer)[] {
  const seen: (Partial<Delivery> | Buffer)[] = [];
  const scanner = new PublishScanner({
    maxPacketBytes,
    onPublish: ({ done: _, ...message }) => seen.push(message),
    onOther: (packet) => seen.push(packet),
  });
  pieces.forEach((piece) => scanner.feed(piece));
  return seen;
}

const message = fc.record({
  topic: fc.constantFrom('wt/v1/a/usage', 'wt/v1/lås-é/state', 't'),
  payload: fc.oneof(fc.uint8Array({ maxLength: 20 }), fc.uint8Array({ minLength: 100, maxLength: 400 })),
  qos: fc.constantFrom(0 as const, 1 as const),
  dup: fc.boolean(),
  retain: fc.boolean(),
  messageId: fc.integer({ min: 1, max: 65_535 }),
  properties: fc.constantFrom(undefined, { messageExpiryInterval: 7, userProperties: { from: 'x'.repeat(150) } }),
});

const publishOf = ({
  payload,
  properties,
  ...given
}: typeof message extends fc.Arbitrary<infer T> ? T : never): IPublishPacket => ({
  ...given,
  cmd: 'publish',
  dup: given.qos === 1 && given.dup,
  payload: Buffer.from(payload),
  ...(properties && { properties }),
});

const expected = ({ topic, payload, qos, dup, retain, messageId }: IPublishPacket): Partial<Delivery> => ({
  topic,
  payload: payload as Buffer,
  messageId: qos === 1 ? messageId : undefined,
  isRedelivery: dup,
  isReplay: retain,
});

/** Cuts bytes at those places. */
function cut(bytes: Buffer, places: readonly number[]): Buffer[] {
  const at = [0, ...places.map((place) => place % (bytes.length + 1)).sort((one, other) => one - other), bytes.length];
  return at.slice(1).map((end, index) => bytes.subarray(at[index], end));
}

describe('reading a broker’s stream', () => {
  it('gives the same messages however the bytes come', () => {
    fc.assert(
      fc.property(
        fc.array(message, { maxLength: 12 }),
        fc.array(fc.nat(5_000), { maxLength: 12 }),
        (messages, places) => {
          const publishes = messages.map(publishOf);
          const bytes = Buffer.concat(publishes.map((publish) => generate(publish, V5)));
          expect(scan(cut(bytes, places))).toEqual(publishes.map(expected));
        },
      ),
    );
  });

  it('passes every other packet on, whole, in its place', () => {
    const others: Packet[] = [{ cmd: 'pingresp' }, { cmd: 'suback', messageId: 1, granted: [1] }];
    const [ping, suback] = others.map((packet) => generate(packet, V5)) as [Buffer, Buffer];
    const publish = publishOf({
      topic: 't',
      payload: new Uint8Array(),
      qos: 1,
      dup: false,
      retain: false,
      messageId: 5,
      properties: undefined,
    });
    const bytes = Buffer.concat([ping, generate(publish, V5), suback]);
    expect(scan([...bytes].map((byte) => Buffer.from([byte])))).toEqual([ping, expected(publish), suback]);
  });

  it.each([
    ['a length that never ends', [0x30, 0xff, 0xff, 0xff, 0xff]],
    ['a topic longer than the packet', [0x32, 0x04, 0x00, 0x09, 0x61, 0x61]],
    ['properties longer than the packet', [0x30, 0x04, 0x00, 0x01, 0x61, 0x7f]],
    ['properties whose length never ends', [0x30, 0x04, 0x00, 0x01, 0x61, 0x80]],
    ['no properties at all', [0x30, 0x03, 0x00, 0x01, 0x61]],
    ['a message at QoS 2, which was not subscribed', [0x34, 0x06, 0x00, 0x01, 0x61, 0x00, 0x01, 0x00]],
    ['a packet larger than was allowed', [0x30, 0xff, 0xff, 0x7f]],
  ])('refuses %s', (_what, bytes) => {
    expect(() => scan([Buffer.from(bytes)])).toThrow(/the broker sent/);
  });
});
