/** Classes of the EU medical device regulation (MDR 2017/745); `none` is no medical device. */
export const MDR_CLASSES = ['none', 'I', 'IIa', 'IIb', 'III'] as const;
export type MdrClass = (typeof MDR_CLASSES)[number];

/** How far a product's interface can be used by others. */
export const INTERFACE_OPENNESS = ['unknown', 'closed', 'documented', 'open'] as const;
export type InterfaceOpenness = (typeof INTERFACE_OPENNESS)[number];
