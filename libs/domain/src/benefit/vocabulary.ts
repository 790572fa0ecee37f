/** The four categories of benefits and costs (Inera/SKR); never added across (rule B1). */
export const CATEGORIES = ['financial', 'redistribution', 'quality', 'environment'] as const;

export type Category = (typeof CATEGORIES)[number];

/** How sure a line is. */
export const CERTAINTIES = ['green', 'yellow', 'red'] as const;

export type Certainty = (typeof CERTAINTIES)[number];

/** Share of a line kept in the *cautious* figure, per certainty [assumption]; never applied elsewhere (rule B6). */
export const DEFAULT_HAIRCUTS: Readonly<Record<Certainty, number>> = { green: 1, yellow: 0.7, red: 0.3 };

/** From A, a randomised controlled trial, to E, an assumption. */
export const EVIDENCE_LEVELS = ['A', 'B', 'C', 'D', 'E'] as const;

export type EvidenceLevel = (typeof EVIDENCE_LEVELS)[number];

/** Whom an effect reaches; one effect may name several and is summed once (rule B11). */
export const STAKEHOLDERS = ['client', 'relative', 'staff', 'unit', 'municipality', 'region', 'society'] as const;

export type Stakeholder = (typeof STAKEHOLDERS)[number];

/** What an effect does to the work. */
export const TASK_KINDS = ['task_removed', 'task_deepened', 'newly_possible'] as const;

export type TaskKind = (typeof TASK_KINDS)[number];
