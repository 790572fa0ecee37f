/** A UTC day since 1970-01-01 and the hours of it in which a device gave a sign of life, the n-th a bit (rule U12). */
export interface LifeDay {
  day: number;
  hours: number;
}

const HOURS_OF_DAY = Array.from({ length: 24 }, (_, hour) => hour);

/** When the hours began, in milliseconds. */
export const hoursOfDay = ({ day, hours }: LifeDay): number[] =>
  HOURS_OF_DAY.filter((hour) => (hours & (1 << hour)) !== 0).map((hour) => (day * 24 + hour) * 3_600_000);
