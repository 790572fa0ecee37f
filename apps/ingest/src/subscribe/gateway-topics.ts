import { ADAPTERS, matchesFilter } from '#telemetry';
import type { Gateway, Gateways } from '../adapters/gateways.js';

/** What its topics say of a message: whose it is, that several gateways have the topic, or that none has. */
export type TopicOwner = Gateway | 'several' | 'nobody';

const TOPICS_MAX = 100_000;

/** Whose a topic is at an external broker, where nobody sees who has logged in: the gateway with that beginning. */
export class GatewayTopics {
  private readonly owners = new Map<string, TopicOwner>();

  constructor(private readonly gateways: Gateways) {
    gateways.onChanged(() => this.owners.clear());
  }

  /** What gateways publish on, each filter once. */
  get wanted(): string[] {
    return filtersOf(this.gateways.all().filter(({ isEnded }) => !isEnded));
  }

  /** What only gateways had that are closed. */
  get unwanted(): string[] {
    const wanted = new Set(this.wanted);
    return filtersOf(this.gateways.all()).filter((filter) => !wanted.has(filter));
  }

  /** Topics repeat: each is compared once. */
  ownerOf(topic: string): TopicOwner {
    const known = this.owners.get(topic);
    if (known !== undefined) return known;
    const found = this.gateways.all().filter((gateway) => !gateway.isEnded && hasTopic(gateway, topic));
    const owner = found.length > 1 ? 'several' : (found[0] ?? 'nobody');
    if (this.owners.size >= TOPICS_MAX) this.owners.clear();
    this.owners.set(topic, owner);
    return owner;
  }
}

function filtersOf(gateways: readonly Gateway[]): string[] {
  return [...new Set(gateways.flatMap(filters))];
}

function filters({ ecosystem, topicPrefix }: Gateway): readonly string[] {
  return ADAPTERS[ecosystem].filters(topicPrefix);
}

function hasTopic(gateway: Gateway, topic: string): boolean {
  return filters(gateway).some((filter) => matchesFilter(topic, filter));
}
