/**
 * Sparkplug B payloads made by other software than this, each with the address where it stands. Values only. Public
 * captures of births and data of devices (DBIRTH, DDATA) were not to be found: those of the tests are written byte by
 * byte by `written.fixture.ts`, which is held to the ones here.
 */
interface Captured {
  readonly topic: string;
  readonly payload: Buffer;
}

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex');
const base64 = (text: string): Buffer => Buffer.from(text, 'base64');

/**
 * A host’s request to an Elecsys RediGate, as its manual prints the bytes (the topic is not printed):
 * https://elecsysdocs.atlassian.net/wiki/spaces/IDG/pages/1993310213/Sparkplug-B+MQTT+Payload+Format
 */
export const ELECSYS_REBIRTH: Captured = {
  topic: 'spBv1.0/group/NCMD/redigate',
  payload: hex(
    '08 9f af b8 f8 8d 31 12 23 0a 14 4E 6F 64 65 20 43 6F 6E 74 72 6F 6C 2F 52 65 62 69 72 74 68 ' +
      '18 9f af b8 f8 8d 31 20 0b 38 00 70 01 18 ff ff ff ff ff ff ff ff ff 01',
  ),
};
/** Same page: a register set to 15. The page prints a line feed after it, as a terminal would. */
export const ELECSYS_COMMAND: Captured = {
  topic: 'spBv1.0/group/NCMD/redigate',
  payload: hex(
    '08 c0 b8 d8 9e 8e 31 12 0f 10 9a ef 02 18 c0 b8 d8 9e 8e 31 20 03 50 0f 18 ff ff ff ff ff ff ff ff ff 01',
  ),
};
export const LINE_FEED = 0x0a;

/**
 * A node's session by a Go program with Google's protobuf code, 2025:
 * https://github.com/united-manufacturing-hub/benthos-umh/blob/02c17144fdf6df35ec7698418ac0b0ac163f59fd/sparkplug_plugin/test_vectors.go
 */
export const UMH_NBIRTH: Captured = {
  topic: 'spBv1.0/factory/NBIRTH/line1',
  payload: base64(
    'CNLig7n6MhINCgViZFNlcRABIAhYWBIcChROb2RlIENvbnRyb2wvUmViaXJ0aBACIAtwABIaCgtUZW1wZXJhdHVyZRBkIAppAAAAAACANUAYAA==',
  ),
};
export const UMH_NDATA: Captured = {
  topic: 'spBv1.0/factory/NDATA/line1',
  payload: base64('CNLig7n6MhINEGQgCmkAAAAAAIA2QBgB'),
};
/** Its seq is 5. */
export const UMH_NDATA_GAP: Captured = {
  topic: 'spBv1.0/factory/NDATA/line1',
  payload: base64('CNLig7n6MhINEGQgCmkAAAAAAAA7QBgF'),
};
/** Its bdSeq is 0, of another connection than the birth’s 88. */
export const UMH_NDEATH: Captured = {
  topic: 'spBv1.0/factory/NDEATH/line1',
  payload: base64('CNLig7n6MhINCgViZFNlcRAAIAhYABgA'),
};

/**
 * Other protobuf messages of real devices that a viewer took for Sparkplug:
 * https://github.com/thomasnordquist/MQTT-Explorer/issues/792
 */
export const NO_SPARKPLUG: readonly Buffer[] = [
  hex('2a 18 1a 16 08 0e f2 01 11 08 01 12 0d 08 03 10 01 18 02 20 02 48 55 50 f0 2e'),
  Buffer.from('\x12\x0fwmod-din-v0.08b*\x11f/wmod-din-v0.08b'),
  Buffer.from('55.49'),
];
