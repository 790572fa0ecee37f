import { Organisation1763800000001 } from './0001-organisation.js';
import { Inventory1763800000002 } from './0002-inventory.js';
import { Benefit1763800000003 } from './0003-benefit.js';
import { Usage1763800000004 } from './0004-usage.js';
import { Notification1763800000005 } from './0005-notification.js';
import { Inbox1763800000006 } from './0006-inbox.js';
import { Gateway1763800000007 } from './0007-gateway.js';
import { Storage1763800000008 } from './0008-storage.js';
import { Canary1763800000009 } from './0009-canary.js';
import { NarrowUsage1763800000010 } from './0010-narrow-usage.js';
import { Reads1763800000011 } from './0011-reads.js';
import { UsageCorrection1763800000012 } from './0012-usage-correction.js';
import { Sparkplug1763800000013 } from './0013-sparkplug.js';
import { DeviceCounts1763800000014 } from './0014-device-counts.js';
import { NarrowHours1763800000015 } from './0015-narrow-hours.js';
import { LifeByDay1763800000016 } from './0016-life-by-day.js';

/** In the order in which they run. A landed migration is never edited; the next change is a new file. */
export const MIGRATIONS = [
  Organisation1763800000001,
  Inventory1763800000002,
  Benefit1763800000003,
  Usage1763800000004,
  Notification1763800000005,
  Inbox1763800000006,
  Gateway1763800000007,
  Storage1763800000008,
  Canary1763800000009,
  NarrowUsage1763800000010,
  Reads1763800000011,
  UsageCorrection1763800000012,
  Sparkplug1763800000013,
  DeviceCounts1763800000014,
  NarrowHours1763800000015,
  LifeByDay1763800000016,
];
