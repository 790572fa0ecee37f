import { MAX_PAYLOAD_BYTES, type TelemetryAnswer, type UpwardChannel, upwardTopic } from '#contracts';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { enterInbox } from '../inbox.queries.js';
import { KeptTime } from '../kept-time.js';
import { Allowances } from './allowances.js';
import { BadSecrets } from './bad-secrets.js';
import { type Credentials, credentialsOf } from './credentials.js';
import { judgeMessage, readMessage } from './read-message.js';
import { TelemetryRefused } from './refusals.js';
import { findSpeaker } from './speaker.js';
import type { SpeakingDevice } from './speaker.queries.js';

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
    const device = await this.speakerOf(request);
    const { channel, body } = request;
    if (body.length > MAX_PAYLOAD_BYTES) return this.refuseTooLarge(device, request, nowMs);
    const message = readMessage(channel, body);
    assertOwn(device, message.device);
    refuseOver(this.devices.spend(device.publicId, Math.max(1, message.usages), nowMs));
    const topic = upwardTopic(device.publicId, channel);
    const window = await this.keptTime.windowAt(nowMs);
    const { accepted, rejections } = judgeMessage({ channel, topic, device, window, payload: message.payload });
    await this.store(device, topic, message);
    return { accepted, rejected: rejections.map(({ element, ...rest }) => ({ index: element, ...rest })) };
  }

  private async speakerOf({ authorization, address, ...request }: TelemetryRequest): Promise<SpeakingDevice> {
    const credentials = credentialsOf(authorization);
    const found = credentials ? await findSpeaker(this.db.manager, credentials) : 'wrong_secret';
    if (typeof found !== 'string') return found;
    await this.badSecrets.delay(address);
    if (credentials && found === 'unknown_name') await this.noteUnknown(credentials, request.channel);
    throw new TelemetryRefused('wrong_credentials', 'Send a device’s name and secret: Basic, or Bearer name:secret.');
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

  /** Nothing is dropped in silence: the beginning is kept as a reject of the device. */
  private async refuseTooLarge(
    device: SpeakingDevice,
    { channel, body }: TelemetryRequest,
    nowMs: number,
  ): Promise<never> {
    refuseOver(this.devices.spend(device.publicId, 1, nowMs));
    const payload = body.subarray(0, MAX_PAYLOAD_BYTES + 1);
    await this.store(device, upwardTopic(device.publicId, channel), { payload, usages: 1 });
    const message = `${body.length} bytes: at most ${MAX_PAYLOAD_BYTES} are taken, send smaller messages.`;
    throw new TelemetryRefused('payload_too_large', message);
  }

  private async store(
    { key, publicId }: SpeakingDevice,
    topic: string,
    { payload, usages }: { payload: Buffer; usages: number },
  ): Promise<void> {
    const message = { deviceKey: key, clientName: publicId, topic, payload, usages };
    await enterInbox(this.db.manager, { source: 'http' }, [message]);
  }
}

function assertOwn({ publicId }: SpeakingDevice, named: string | undefined): void {
  if (named === undefined || named === publicId) return;
  throw new TelemetryRefused('device_not_yours', 'The token does not speak for the device that the message names.');
}

function refuseOver(retryAfterSeconds: number): void {
  if (retryAfterSeconds === 0) return;
  throw new TelemetryRefused(
    'rate_limited',
    'Too much at once; Retry-After says when to come back.',
    retryAfterSeconds,
  );
}
