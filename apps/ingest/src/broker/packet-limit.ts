import type { Client } from 'aedes';

interface PacketParser {
  _parseLength(): boolean;
  readonly packet: { readonly length: number };
  emit(event: 'error', error: Error): boolean;
}

/**
 * Ends a connection as soon as a packet says that it is longer than allowed: aedes has no such limit and would collect
 * up to 256 MB per connection, before any log-in. Reaches into the parser of the pinned version; a test guards it.
 */
export function limitPackets(client: Client, maxBytes: number): void {
  const parser = (client as unknown as { _parser: PacketParser })._parser;
  const parseLength = parser._parseLength.bind(parser);
  parser._parseLength = () => {
    const isKnown = parseLength();
    if (!isKnown || parser.packet.length <= maxBytes) return isKnown;
    parser.emit('error', new Error(`a packet of ${parser.packet.length} bytes, at most ${maxBytes} are taken`));
    return false;
  };
}
