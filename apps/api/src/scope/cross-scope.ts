const WORKER = 'The worker computes stored figures for everybody; it answers nobody.';
const FIGURE =
  'A figure is of the whole trial; its callers have reached the trial, or the live page, through the scope.';
const LIVE =
  'One reading serves all viewers of a page: each one’s access was checked when it was watched or asked for, and is checked again every 30 s.';
const DEMO = 'The demo’s municipality is made and removed as a whole by the system; it answers nobody.';
const PROCESSES = 'Facts of the processes, no rows of a municipality.';

/** Queries that read beyond the caller's scope, as `file#export` below apps/api/src, each with the reason why they may. */
export const CROSS_SCOPE: Readonly<Record<string, string>> = {
  'identity/log-in/attempts.queries.ts#queueAttempts': 'Before anybody is logged in there is no scope; reads no row.',
  'identity/access-changes.queries.ts#notifyAccessChanged': 'Tells other processes to look again; reads no row.',
  'health/heartbeat.queries.ts#writeHeartbeat': PROCESSES,
  'health/heartbeat.queries.ts#heartbeatAges': PROCESSES,
  'trials/view/similar-trials.queries.ts#similarTrials':
    'Rule D5: who plans a trial must learn that another unit of the municipality has tried the same; only a list’s line is told.',
  'trials/change/participating.queries.ts#nodesOfMunicipality':
    'A trial may run at any unit of its owner’s municipality; the caller names the nodes, and nothing of them is answered.',
  'worker/worker.queries.ts#tryWorkerLock': WORKER,
  'worker/worker.queries.ts#releaseWorkerLock': WORKER,
  'worker/worker.queries.ts#listenForChanges': WORKER,
  'worker/worker.queries.ts#stopListening': WORKER,
  'worker/worker.queries.ts#claimDays': WORKER,
  'worker/worker.queries.ts#claimedDays': WORKER,
  'worker/worker.queries.ts#finishDays': WORKER,
  'worker/worker.queries.ts#countDirtyDays': WORKER,
  'worker/worker.queries.ts#trialPlacements': WORKER,
  'worker/worker.queries.ts#newestRules': WORKER,
  'worker/worker.queries.ts#stageChanges': WORKER,
  'worker/worker.queries.ts#countSlices': WORKER,
  'worker/worker.queries.ts#readSlices': WORKER,
  'worker/worker.queries.ts#storeQualifying': WORKER,
  'worker/worker.queries.ts#announceBenefit': WORKER,
  'benefits/benefits.queries.ts#benefitFacts': FIGURE,
  'benefits/benefits.queries.ts#costLines': FIGURE,
  'benefits/benefits.queries.ts#trialLife': FIGURE,
  'benefits/benefits.queries.ts#trialSetting': FIGURE,
  'benefits/benefits.queries.ts#trialSeries': FIGURE,
  'benefits/benefits.queries.ts#placementSeries': FIGURE,
  'benefits/benefits.queries.ts#seriesCounts': FIGURE,
  'benefits/benefits.queries.ts#isMeasuredAt': FIGURE,
  'benefits/benefits.queries.ts#trialPlacementKeys': FIGURE,
  'benefits/benefits.queries.ts#unitCounts': FIGURE,
  'benefits/benefits.queries.ts#nextConfirmationVersion': FIGURE,
  'live/live.queries.ts#unitHead': LIVE,
  'live/live.queries.ts#trialHeads': LIVE,
  'live/live.queries.ts#placedSince': LIVE,
  'live/live.queries.ts#hoursSince': LIVE,
  'live/live.queries.ts#placementHomes': LIVE,
  'trials/view/trials.queries.ts#withSummary': 'Joins names to a query that its caller has narrowed to the scope.',
  'trials/view/trials.queries.ts#summaries': 'Runs a query that its caller has narrowed to the scope.',
  'demo/demo.queries.ts#lockDemo': DEMO,
  'demo/demo.queries.ts#findDemoRoot': DEMO,
  'demo/demo.queries.ts#playedDevices': DEMO,
  'demo/demo.queries.ts#deleteDemoRows': DEMO,
};
