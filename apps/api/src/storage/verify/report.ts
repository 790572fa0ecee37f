import { metricByCode } from '#domain';
import type { Difference } from './verify.queries.js';
import type { Verified } from './verify-roll-ups.js';

const figures = (pair: Difference['found']): string =>
  pair === null ? 'none' : `${pair.count} adding up to ${pair.sum}`;

/** One line: what, where, what it should be and what it is. */
export function describeDifference(difference: Difference): string {
  const { level, at, deviceKey, placementKey, metric, dimensions, expected, found } = difference;
  const name = metricByCode(metric)?.metric.name ?? `metric ${metric}`;
  const of = dimensions === '' ? name : `${name} (${dimensions})`;
  const where = placementKey === 0 ? 'unplaced' : `placement ${placementKey}`;
  return `${level} ${at}, device ${deviceKey}, ${where}, ${of}: should be ${figures(expected)}, is ${figures(found)}`;
}

/** What was verified and what was not, in words. */
export function describeResult(verified: Verified): string {
  const { devices, differences, repaired, waitingDays, hoursFrom, isPartlyGone } = verified;
  const hours = hoursFrom === null ? 'no hours: no raw usage of them is kept' : `hours from ${hoursFrom.toISOString()}`;
  return [
    `${devices} devices: ${differences} differences${repaired > 0 ? `, ${repaired} of them repaired` : ''}.`,
    `Verified: ${hours}; days by their hours, months by their days.`,
    ...(isPartlyGone ? ['Refused: hours before that cannot be proven, their raw usage is no longer kept.'] : []),
    ...(waitingDays > 0 ? [`${waitingDays} days wait to be made again by the worker and were not compared.`] : []),
  ].join('\n');
}

/** 1 for differences that are still there, 2 when a part of what was asked for could not be verified. */
export function exitCodeOf({ differences, repaired, isPartlyGone }: Verified): number {
  if (differences > repaired) return 1;
  return isPartlyGone ? 2 : 0;
}
