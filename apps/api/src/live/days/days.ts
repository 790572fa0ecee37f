import type { DeviceDaysView, UnitDaysView, UtilisationView } from '#contracts';
import { type DayOfUse, daysOfUse, FAMILIES, type FamilyCode, lastDays, utilisation } from '#domain';
import type { EntityManager } from 'typeorm';
import type { Scope } from '../../scope/scope.js';
import { deviceDays, placedDays, type PlacedDays } from './days.queries.js';

const DAYS = 14;
/** Two more than shown: days begin at other hours in other families and zones. */
const READ_MS = (DAYS + 2) * 86_400_000;

const since = (now: Date): Date => new Date(now.getTime() - READ_MS);
const divisionOf = (zone: string, family: FamilyCode) => ({ zone, dayStartsAtHour: FAMILIES[family].dayStartsAtHour });

/** A device's last days, or NotInScope. */
export async function readDeviceDays(
  tx: EntityManager,
  scope: Scope,
  { id, now }: { id: string; now: Date },
): Promise<DeviceDaysView> {
  const { zone, family, expected, days } = await deviceDays(tx, scope, { id, since: since(now) });
  const known = daysOfUse({
    division: divisionOf(zone, family),
    nowMs: now.getTime(),
    count: DAYS,
    expected,
    uses: new Map(days.map(({ day, uses }) => [day, uses])),
    aliveDays: new Set(days.flatMap(({ day, isAlive }) => (isAlive ? [day] : []))),
  });
  return { asOf: now.toISOString(), days: known, utilisation: utilisationOf(known) };
}

/** The last days of a unit's series, each by its own family's days; access has been checked by who asks. */
export async function readUnitDays(
  tx: EntityManager,
  { id, zone, now }: { id: string; zone: string; now: Date },
): Promise<UnitDaysView> {
  const placed = await placedDays(tx, id, { since: since(now), zone });
  const series = [...Map.groupBy(placed, ({ seriesId }) => seriesId).values()];
  const known = series.flatMap((placements) => seriesDays(placements, zone, now));
  const shown = lastDays({ division: { zone, dayStartsAtHour: 0 }, nowMs: now.getTime(), count: DAYS });
  const byDay = Map.groupBy(known, ({ day }) => day);
  return {
    asOf: now.toISOString(),
    days: shown.map((day) => dayView(day, byDay.get(day) ?? [], day === shown.at(-1))),
    utilisation: utilisationOf(known.filter(({ day }) => day >= shown[0]!)),
  };
}

/** A series (rule U10) has its days once, whichever of its devices stood there. */
function seriesDays(placements: readonly PlacedDays[], zone: string, now: Date): DayOfUse[] {
  const uses = new Map<string, number>();
  for (const placement of placements)
    for (const [day, count] of Object.entries(placement.uses ?? {})) uses.set(day, (uses.get(day) ?? 0) + count);
  return daysOfUse({
    division: divisionOf(zone, placements[0]!.family),
    nowMs: now.getTime(),
    count: DAYS,
    expected: placements,
    uses,
    aliveDays: new Set(placements.flatMap(({ aliveDays }) => [...aliveDays])),
  });
}

const dayView = (day: string, known: readonly DayOfUse[], isToday: boolean): UnitDaysView['days'][number] => ({
  day,
  used: known.filter(({ use }) => use === 'used').length,
  unused: known.filter(({ use }) => use === 'unused').length,
  unknown: known.filter(({ use }) => use === 'unknown').length,
  isOngoing: isToday || known.some(({ isOngoing }) => isOngoing),
});

/** Of the days that are over: an unused morning says nothing yet. */
function utilisationOf(days: readonly DayOfUse[]): UtilisationView {
  const over = days.filter(({ isOngoing }) => !isOngoing).map(({ use }) => use);
  const result = utilisation(over);
  return {
    usedDays: over.filter((use) => use === 'used').length,
    knownDays: result.kind === 'value' ? result.knownDays : 0,
    unknownDays: result.unknownDays,
    share: result.kind === 'value' ? result.value : null,
  };
}
