/** The Nest program that a user would write first: MQTT transport, TypeORM entity, one repository call a message. */
import 'reflect-metadata';
import { Controller, Inject, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Ctx, EventPattern, type MicroserviceOptions, MqttContext, Payload, Transport } from '@nestjs/microservices';
import { getRepositoryToken, TypeOrmModule } from '@nestjs/typeorm';
import { Column, Entity, PrimaryColumn, type Repository } from 'typeorm';

/** The settings, each of which the bench gives. */
const { DATABASE_URL, MQTT_PORT, WRITE_WITH } = process.env;

@Entity({ name: 'usage_event' })
class UsageEvent {
  @PrimaryColumn({ type: 'text' })
  device!: string;
  @PrimaryColumn({ type: 'timestamptz' })
  at!: Date;
  @PrimaryColumn({ type: 'text' })
  id!: string;
  @Column({ type: 'text' })
  metric!: string;
  @Column({ type: 'float8' })
  value!: number;
}

interface Usage {
  id: string;
  at: number;
  metric: string;
  value?: number;
}

@Controller()
class UsageController {
  constructor(@Inject(getRepositoryToken(UsageEvent)) private readonly events: Repository<UsageEvent>) {}

  @EventPattern('wt/v1/+/usage')
  async store(@Payload() { id, at, metric, value = 1 }: Usage, @Ctx() context: MqttContext): Promise<void> {
    const device = context.getTopic().split('/')[2] as string;
    const event = { device, at: new Date(at), id, metric, value };
    if (WRITE_WITH === 'save') await this.events.save(event);
    else await this.events.insert(event);
  }
}

@Module({
  imports: [
    TypeOrmModule.forRoot({ type: 'postgres', url: DATABASE_URL as string, entities: [UsageEvent], poolSize: 10 }),
    TypeOrmModule.forFeature([UsageEvent]),
  ],
  controllers: [UsageController],
})
class PeerModule {}

const app = await NestFactory.createMicroservice<MicroserviceOptions>(PeerModule, {
  transport: Transport.MQTT,
  options: {
    url: `mqtt://127.0.0.1:${MQTT_PORT}`,
    clientId: 'nest',
    clean: false,
    subscribeOptions: { qos: 1 },
  },
  logger: ['error', 'warn'],
});
await app.listen();
process.stdout.write('Nest is connected\n');
