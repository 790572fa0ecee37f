import { type IngestBenchOptions, measureProduct } from './ingest.js';
import { describeMachine, type Machine } from './machine.js';
import { median, type Server, withServer } from './server.js';

/** Cost of a message on top of a history of rows, as a share of its cost in empty tables. */
interface HistoryStep {
  rows: number;
  perSecond: number;
  cpuMsPer1000: number;
  ratioToEmpty: number;
  lost: number;
  doubled: number;
}

export interface HistoryBenchResult {
  machine: Machine;
  messages: number;
  steps: HistoryStep[];
}

/** Measures the same load with ever more rows stored before, in turn with empty tables (target S7). */
export async function benchHistory(given: {
  rows: number[];
  messages: number;
  rounds: number;
}): Promise<HistoryBenchResult> {
  const steps = await withServer((server) => measureSteps(server, given));
  return { machine: describeMachine(), messages: given.messages, steps };
}

async function measureSteps(
  server: Server,
  given: { rows: number[]; messages: number; rounds: number },
): Promise<HistoryStep[]> {
  let round = 0;
  const measure = async (history: number) => {
    const load = { ...LOAD, messages: given.messages, rounds: 1, history };
    const product = await measureProduct({ ...server, round: (round += 1) }, load);
    return { ...product, cpuMs: product.ingestCpuMsPer1000 + product.postgresCpuMsPer1000 };
  };
  const steps: HistoryStep[] = [];
  for (const rows of given.rows) {
    const pairs = [];
    for (let n = 0; n < given.rounds; n += 1) pairs.push({ empty: await measure(0), full: await measure(rows) });
    steps.push({
      rows,
      perSecond: median(pairs.map(({ full }) => full.durablePerSecond)),
      cpuMsPer1000: median(pairs.map(({ full }) => full.cpuMs)),
      ratioToEmpty: median(pairs.map(({ full, empty }) => full.cpuMs / empty.cpuMs)),
      lost: pairs.reduce((sum, { full }) => sum + full.acknowledged - full.stored, 0),
      doubled: pairs.reduce((sum, { full }) => sum + full.doubled, 0),
    });
  }
  return steps;
}

const LOAD: Omit<IngestBenchOptions, 'messages' | 'rounds' | 'history'> = {
  connections: 100,
  inFlight: 20,
  warmUp: 40_000,
  perMessage: 1,
  perSecond: 0,
  attributes: false,
};

/** The result as a table. */
export function describeHistory({ steps }: HistoryBenchResult): string {
  const row = (cells: string[]): string => `${cells.map((cell) => cell.padStart(18)).join('')}\n`;
  return (
    row(['rows stored', 'usages/s', 'CPU-ms per 1,000', 'of empty tables', 'lost/doubled']) +
    steps
      .map((step) =>
        row([
          step.rows.toLocaleString('en'),
          step.perSecond.toFixed(0),
          step.cpuMsPer1000.toFixed(1),
          step.ratioToEmpty.toFixed(2),
          `${step.lost}/${step.doubled}`,
        ]),
      )
      .join('')
  );
}
