/** Queries that read beyond the caller's scope, as `file#export` below apps/api/src, each with the reason why they may. */
export const CROSS_SCOPE: Readonly<Record<string, string>> = {
  'identity/log-in/attempts.queries.ts#queueAttempts': 'Before anybody is logged in there is no scope; reads no row.',
  'identity/access-changes.queries.ts#notifyAccessChanged': 'Tells other processes to look again; reads no row.',
  'health/heartbeat.queries.ts#writeHeartbeat': 'Facts of the processes, no rows of a municipality.',
  'health/heartbeat.queries.ts#heartbeatAges': 'Facts of the processes, no rows of a municipality.',
  'trials/view/similar-trials.queries.ts#similarTrials':
    'Rule D5: who plans a trial must learn that another unit of the municipality has tried the same; only a list’s line is told.',
  'trials/change/participating.queries.ts#nodesOfMunicipality':
    'A trial may run at any unit of its owner’s municipality; the caller names the nodes, and nothing of them is answered.',
  'worker/worker.queries.ts#tryWorkerLock': 'The worker computes stored figures for everybody; it answers nobody.',
  'worker/worker.queries.ts#releaseWorkerLock': 'The worker computes stored figures for everybody; it answers nobody.',
  'worker/worker.queries.ts#listenForChanges': 'The worker computes stored figures for everybody; it answers nobody.',
  'worker/worker.queries.ts#stopListening': 'The worker computes stored figures for everybody; it answers nobody.',
  'worker/worker.queries.ts#claimDays': 'The worker computes stored figures for everybody; it answers nobody.',
  'worker/worker.queries.ts#claimedDays': 'The worker computes stored figures for everybody; it answers nobody.',
  'worker/worker.queries.ts#finishDays': 'The worker computes stored figures for everybody; it answers nobody.',
  'worker/worker.queries.ts#countDirtyDays': 'The worker computes stored figures for everybody; it answers nobody.',
  'worker/worker.queries.ts#trialPlacements': 'The worker computes stored figures for everybody; it answers nobody.',
  'worker/worker.queries.ts#newestRules': 'The worker computes stored figures for everybody; it answers nobody.',
  'worker/worker.queries.ts#stageChanges': 'The worker computes stored figures for everybody; it answers nobody.',
  'worker/worker.queries.ts#countSlices': 'The worker computes stored figures for everybody; it answers nobody.',
  'worker/worker.queries.ts#readSlices': 'The worker computes stored figures for everybody; it answers nobody.',
  'worker/worker.queries.ts#storeQualifying': 'The worker computes stored figures for everybody; it answers nobody.',
  'worker/worker.queries.ts#announceBenefit': 'The worker computes stored figures for everybody; it answers nobody.',
  'benefits/benefits.queries.ts#benefitFacts':
    'A figure is of the whole trial; its callers have reached the trial, or the live page, through the scope.',
  'benefits/benefits.queries.ts#costLines':
    'A figure is of the whole trial; its callers have reached the trial, or the live page, through the scope.',
  'benefits/benefits.queries.ts#trialLife':
    'A figure is of the whole trial; its callers have reached the trial, or the live page, through the scope.',
  'benefits/benefits.queries.ts#trialSetting':
    'A figure is of the whole trial; its callers have reached the trial, or the live page, through the scope.',
  'benefits/benefits.queries.ts#trialSeries':
    'A figure is of the whole trial; its callers have reached the trial, or the live page, through the scope.',
  'benefits/benefits.queries.ts#placementSeries':
    'A figure is of the whole trial; its callers have reached the trial, or the live page, through the scope.',
  'benefits/benefits.queries.ts#seriesCounts':
    'A figure is of the whole trial; its callers have reached the trial, or the live page, through the scope.',
  'benefits/benefits.queries.ts#isMeasuredAt':
    'A figure is of the whole trial; its callers have reached the trial, or the live page, through the scope.',
  'benefits/benefits.queries.ts#unitCounts':
    'A figure is of the whole trial; its callers have reached the trial, or the live page, through the scope.',
  'benefits/benefits.queries.ts#nextConfirmationVersion':
    'A figure is of the whole trial; its callers have reached the trial, or the live page, through the scope.',
  'live/live.queries.ts#unitHead':
    'One reading serves all viewers of a page: each one’s access was checked when it was watched or asked for, and is checked again every 30 s.',
  'live/live.queries.ts#trialHeads':
    'One reading serves all viewers of a page: each one’s access was checked when it was watched or asked for, and is checked again every 30 s.',
  'live/live.queries.ts#placedSince':
    'One reading serves all viewers of a page: each one’s access was checked when it was watched or asked for, and is checked again every 30 s.',
  'live/live.queries.ts#hoursSince':
    'One reading serves all viewers of a page: each one’s access was checked when it was watched or asked for, and is checked again every 30 s.',
  'live/live.queries.ts#placementHomes':
    'One reading serves all viewers of a page: each one’s access was checked when it was watched or asked for, and is checked again every 30 s.',
};
