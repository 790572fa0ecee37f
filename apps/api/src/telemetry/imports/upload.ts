import { createHash, randomUUID } from 'node:crypto';
import { MAX_BAD_LINES, MAX_IMPORT_BYTES, MAX_IMPORT_LINES } from '#contracts';
import { OrgNodeEntity, UsageImportEntity } from '#database';
import { readHeader, type TimeWindow } from '#telemetry';
import type { DataSource, EntityManager } from 'typeorm';
import { audit } from '../../audit/audit.js';
import { zoneOf } from '../../inventory/zone.queries.js';
import type { Scope } from '../../scope/scope.js';
import { scoped } from '../../scope/scoped.js';
import { TelemetryRefused } from '../http/refusals.js';
import { addLines, countLines, findDevices } from './imports.queries.js';
import { deviceNameOf, type FileContext, judgeLine } from './judge-lines.js';
import { type CsvRecord, FileFault, readRecords } from './read-records.js';

/** So many lines are judged and stored at once (structural rule 11). */
export const LINES_AT_ONCE = 500;

/** A file as it is uploaded. */
export interface Uploading {
  nodeId: string;
  fileName: string;
  reason: string;
  bytes: AsyncIterable<Uint8Array>;
  /** As the request says, where it does. */
  declaredBytes: number;
  window: TimeWindow;
}

/** Throws `payload_too_large`. */
function assertSize(bytes: number): void {
  if (bytes <= MAX_IMPORT_BYTES) return;
  throw new TelemetryRefused('payload_too_large', `A file has at most ${MAX_IMPORT_BYTES} bytes: divide it.`);
}

/** What is found out about the file itself while its bytes go by. */
class FileFacts {
  private readonly hash = createHash('sha256');
  bytes = 0;

  async *noting(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const piece of source) {
      this.bytes += piece.length;
      assertSize(this.bytes);
      this.hash.update(piece);
      yield piece;
    }
  }

  digest(): Buffer {
    return this.hash.digest();
  }
}

/**
 * Reads a file as it comes and stores what each line means, in short transactions: a slow upload holds nothing. An
 * upload that breaks off leaves nothing behind.
 */
export async function uploadFile(db: DataSource, scope: Scope<'usage:enter'>, file: Uploading): Promise<string> {
  assertSize(file.declaredBytes);
  const id = randomUUID();
  const node = await db.transaction((tx) => beginImport(tx, scope, { id, file }));
  const facts = new FileFacts();
  try {
    const zone = await zoneOf(db.manager, scope, node.rootId);
    const reading = { id, rootId: node.rootId, nodeId: node.id, zone, window: file.window };
    const read = await readFile(db, scope, { reading, records: readRecords(facts.noting(file.bytes)) });
    await db.transaction((tx) => endImport(tx, scope, { id, facts, ...read }));
  } catch (error) {
    await db.manager.delete(UsageImportEntity, { id });
    throw error;
  }
  return id;
}

async function beginImport(
  tx: EntityManager,
  scope: Scope<'usage:enter'>,
  { id, file }: { id: string; file: Uploading },
): Promise<OrgNodeEntity> {
  const node = await scoped(tx, OrgNodeEntity, scope).get(file.nodeId);
  const { fileName, reason } = file;
  const { rootId, id: nodeId } = node;
  const row = { id, rootId, nodeId, fileName, reason, uploadedBy: scope.person.id };
  await scoped(tx, UsageImportEntity, scope).save(row);
  return node;
}

interface Reading extends Pick<FileContext, 'zone' | 'window'> {
  id: string;
  rootId: string;
  nodeId: string;
}

/** How far the file could be read: why not to its end, and what nothing was read from. */
interface Read {
  fault: string | null;
  ignoredColumns: string[];
}

async function readFile(
  db: DataSource,
  scope: Scope,
  { reading, records }: { reading: Reading; records: AsyncGenerator<CsvRecord> },
): Promise<Read> {
  let ignoredColumns: string[] = [];
  try {
    const first = await records.next();
    if (first.done) return { fault: 'the file is empty', ignoredColumns };
    const header = readHeader(first.value.cells);
    if ('fault' in header) return { fault: `${header.fault}: ${header.names.join(', ')}`, ignoredColumns };
    ignoredColumns = [...header.ignored];
    const file = { columns: header.columns, zone: reading.zone, window: reading.window };
    let [lines, bad] = [0, 0];
    for await (const batch of inBatches(records)) {
      lines += batch.length;
      bad += await db.transaction((tx) => storeLines(tx, scope, { reading, file, batch }));
      if (lines > MAX_IMPORT_LINES) throw new FileFault(`more than ${MAX_IMPORT_LINES} lines: divide the file`);
      if (bad > MAX_BAD_LINES) throw new FileFault(`more than ${MAX_BAD_LINES} lines are wrong: see the first of them`);
    }
    return { fault: null, ignoredColumns };
  } catch (error) {
    if (error instanceof FileFault) return { fault: error.message, ignoredColumns };
    throw error;
  } finally {
    await records.return(undefined);
  }
}

async function* inBatches(records: AsyncIterable<CsvRecord>): AsyncGenerator<CsvRecord[]> {
  let batch: CsvRecord[] = [];
  for await (const record of records) {
    batch.push(record);
    if (batch.length < LINES_AT_ONCE) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}

/** Answers how many of the lines are bad. */
async function storeLines(
  tx: EntityManager,
  scope: Scope,
  { reading, file, batch }: { reading: Reading; file: FileContext; batch: readonly CsvRecord[] },
): Promise<number> {
  const written = batch.filter(({ cells }) => cells.some((cell) => cell.trim() !== ''));
  const names = [...new Set(written.map((record) => deviceNameOf(record, file.columns)))];
  const { rootId, nodeId } = reading;
  const devices = await findDevices(tx, scope, { rootId, nodeId, names });
  const lines = written.map((record) => judgeLine(record, devices.get(deviceNameOf(record, file.columns)) ?? [], file));
  await addLines(tx, scope, { importId: reading.id, lines });
  return lines.filter(({ fault }) => fault !== null).length;
}

async function endImport(
  tx: EntityManager,
  scope: Scope<'usage:enter'>,
  { id, facts, ...read }: Read & { id: string; facts: FileFacts },
): Promise<void> {
  const counted = await countLines(tx, scope, id);
  const { bytes } = facts;
  const sha256 = facts.digest();
  const { fileName, reason, rootId } = await scoped(tx, UsageImportEntity, scope).save({
    id,
    ...counted,
    ...read,
    bytes,
    sha256,
    status: 'checked',
  });
  await audit(tx, scope.person, {
    rootId,
    action: 'usage_import.upload',
    subjectKind: 'usage_import',
    subjectId: id,
    reason,
    changes: { fileName, bytes, sha256: sha256.toString('hex'), ...counted },
  });
}
