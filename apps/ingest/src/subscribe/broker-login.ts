import { connect, isIP, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';

/** An MQTT 5 broker and who logs in there. */
export interface BrokerLogin {
  readonly host: string;
  readonly port: number;
  readonly isEncrypted: boolean;
  readonly username: string | undefined;
  readonly password: string | undefined;
  /** Certificates (PEM) that vouch for the broker's; undefined = those that Node trusts. */
  readonly ca: string | undefined;
}

/** An external broker and how this worker takes part there. */
export interface BrokerSettings {
  readonly login: BrokerLogin;
  /** Whether several workers share the messages; off for a broker whose shared subscriptions cannot be relied on. */
  readonly isShared: boolean;
  /** How long a worker may be away before another one takes what its session holds. */
  readonly takeOverAfterMs: number;
}

const PORT = { plain: 1883, encrypted: 8883 } as const;

/** From a broker's URL; a user and a password in it win over those given beside it. */
export function readLogin(
  url: string,
  beside: { username?: string | undefined; password?: string | undefined; ca?: string | undefined } = {},
): BrokerLogin {
  const { protocol, hostname, port, username, password } = new URL(url);
  const isEncrypted = protocol === 'mqtts:';
  return {
    // A literal IPv6 address stands in brackets in a URL only.
    host: hostname.replace(/^\[(.*)\]$/, '$1'),
    port: Number(port) || (isEncrypted ? PORT.encrypted : PORT.plain),
    isEncrypted,
    username: username ? decodeURIComponent(username) : beside.username,
    password: password ? decodeURIComponent(password) : beside.password,
    ca: beside.ca,
  };
}

/** How the broker is named towards people: never with the password. */
export const nameOf = ({ host, port, isEncrypted }: BrokerLogin): string =>
  `mqtt${isEncrypted ? 's' : ''}://${host.includes(':') ? `[${host}]` : host}:${port}`;

/** Opens the network connection; over TLS the broker's certificate is checked. */
export function openSocket({ host, port, isEncrypted, ca }: BrokerLogin): Socket {
  if (!isEncrypted) return connect({ host, port, noDelay: true });
  const servername = isIP(host) ? undefined : host;
  return connectTls({ host, port, ...(servername && { servername }), ...(ca && { ca }) }).setNoDelay(true);
}
