import { MAX_PAYLOAD_BYTES, type TelemetryAnswer, type UpwardChannel, upwardTopic } from '#contracts';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { enterInbox, type InboxMessage } from '../inbox.queries.js';
import { KeptTime } from '../kept-time.js';
import { Allowances } from './allowances.js';
import { BadSecrets } from './bad-secrets.js';
import { type Credentials, credentialsOf } from './credentials.js';
import { judgeMessage, readMessage } from './read-message.js';
import { TelemetryRefused } from './refusals.js';
import { deviceOf, findSpeaker } from './speaker.js';
import type { Login } from './speaker.queries.js';

/** Usages a second and at once. Who has more than that speaks MQTT, where over the limit one is slowed, not refused. */
const DEVICE_LIMITS = { perSecond: 500, atOnce: 5_000 };
/** Requests: many devices may share an address. */
const ADDRESS_LIMITS = { perSecond: 200, atOnce: 1_000 };

/** A request as the service reads it. */
export interface TelemetryRequest {
  channel: UpwardChannel;
  authorization: string | undefined;
  address: string;
  body: Buffer;
}

/** Messages over HTTP: checked, stored in the inbox, and only then answered. */
@Injectable()
export class TelemetryService {
  private readonly devices = new Allowances(DEVICE_LIMITS);
  private readonly addresses = new Allowances(ADDRESS_LIMITS);
  private readonly badSecrets = new BadSecrets();

  constructor(
    private readonly db: DataSource,
    private readonly keptTime: KeptTime,
  ) {}

  async take(request: TelemetryRequest): Promise<TelemetryAnswer> {
    const nowMs = Date.now();
    refuseOver(this.addresses.spend(request.address, 1, nowMs));
    const login = await this.speakerOf(request);
    const { channel, body } = request;
    if (body.length > MAX_PAYLOAD_BYTES) return this.refuseTooLarge(login, request, nowMs);
    const message = readMessage(channel, body);
    const device = await deviceOf(this.db.manager, login, message.device);
    refuseOver(this.devices.spend(device.publicId, Math.max(1, message.usages), nowMs));
    const topic = upwardTopic(device.publicId, channel);
    const window = await this.keptTime.windowAt(nowMs);
    const { accepted, rejections } = judgeMessage({ channel, topic, device, window, payload: message.payload });
    await this.store(login, { ...message, topic, deviceKey: device.key });
    return { accepted, rejected: rejections.map(({ element, ...rest }) => ({ index: element, ...rest })) };
  }

  private async speakerOf({ authorization, address, ...request }: TelemetryRequest): Promise<Login> {
    const credentials = credentialsOf(authorization);
    const found = credentials ? await findSpeaker(this.db.manager, credentials) : 'wrong_secret';
    if (typeof found !== 'string') return found;
    await this.badSecrets.delay(address);
    if (credentials && found === 'unknown_name') await this.noteUnknown(credentials, request.channel);
    throw new TelemetryRefused(
      'wrong_credentials',
      'Send a device’s or gateway’s name and secret: Basic, or Bearer name:secret.',
    );
  }

  /** As over MQTT: counted and listed for administrators, without what was sent. */
  private async noteUnknown({ name }: Credentials, channel: UpwardChannel): Promise<void> {
    const clientName = name
      .replace(/\p{Cc}/gu, '\ufffd')
      .slice(0, 100)
      .toWellFormed();
    const topic = upwardTopic(clientName, channel);
    const message = { deviceKey: null, clientName, topic, payload: Buffer.alloc(0), usages: 1 };
    await enterInbox(this.db.manager, { source: 'http' }, [message]);
  }

  /** Nothing is dropped in silence: the beginning is kept as a reject of the device. Whose a gateway’s is, nobody knows. */
  private async refuseTooLarge(login: Login, { channel, body }: TelemetryRequest, nowMs: number): Promise<never> {
    const { key: deviceKey, publicId } = login;
    refuseOver(this.devices.spend(publicId, 1, nowMs));
    const payload = body.subarray(0, MAX_PAYLOAD_BYTES + 1);
    const topic = upwardTopic(publicId, channel);
    if (login.device) await this.store(login, { deviceKey, topic, payload, usages: 1 });
    const message = `${body.length} bytes: at most ${MAX_PAYLOAD_BYTES} are taken, send smaller messages.`;
    throw new TelemetryRefused('payload_too_large', message);
  }

  private async store(
    { publicId }: Login,
    { deviceKey, topic, payload, usages }: Pick<InboxMessage, 'deviceKey' | 'topic' | 'payload' | 'usages'>,
  ): Promise<void> {
    const message = { deviceKey, clientName: publicId, topic, payload, usages };
    await enterInbox(this.db.manager, { source: 'http' }, [message]);
  }
}

function refuseOver(retryAfterSeconds: number): void {
  if (retryAfterSeconds === 0) return;
  throw new TelemetryRefused(
    'rate_limited',
    'Too much at once; Retry-After says when to come back.',
    retryAfterSeconds,
  );
}
