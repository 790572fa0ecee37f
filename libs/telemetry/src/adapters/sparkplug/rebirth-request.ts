/** The metric by which an edge node is asked for its births. */
const REBIRTH = 'Node Control/Rebirth';

const BOOLEAN = 11;

/** The message that asks an edge node, as `{group}/{node}`, for all its births. `atMs` is when it is asked. */
export function rebirthRequest(node: string, atMs: number): { topic: string; payload: Buffer } {
  const [group = '', name = ''] = node.split('/');
  const text = Buffer.from(REBIRTH);
  const metric = Buffer.from([0x0a, text.length, ...text, 0x18, ...varint(atMs), 0x20, BOOLEAN, 0x70, 1]);
  const payload = Buffer.from([0x08, ...varint(atMs), 0x12, metric.length, ...metric]);
  return { topic: `spBv1.0/${group}/NCMD/${name}`, payload };
}

function varint(value: number): number[] {
  const bytes: number[] = [];
  let rest = BigInt(value);
  for (; rest > 0x7fn; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80);
  return [...bytes, Number(rest)];
}
