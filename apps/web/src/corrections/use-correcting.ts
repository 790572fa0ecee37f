import { usageCorrectionsApi, type CallOf, type DeviceView } from '#contracts';
import type { UsageDecision } from '#domain';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { call } from '../api.js';
import { correctionsKey } from './queries.js';

export type Body = CallOf<typeof usageCorrectionsApi.correct>['body'];

/** What a dialog that decides about usages is given. */
export interface Correcting {
  device: DeviceView;
  onClose: () => void;
  onDone: (decided: UsageDecision, changed: number) => void;
}

/** Sends a decision; afterwards everything that shows the device's use is asked for again. */
export function useCorrecting<Draft>({ device, onClose, onDone }: Correcting, bodyOf: (draft: Draft) => Body) {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: async (draft: Draft) => {
      const body = bodyOf(draft);
      const { changed } = await call(usageCorrectionsApi.correct, { params: { id: device.id }, body });
      return { decided: body.decided, changed };
    },
    onSuccess: async ({ decided, changed }) => {
      const stale = [correctionsKey(device.id), ['entries', device.id], ['devices', device.id]];
      await Promise.all(stale.map((queryKey) => queryClient.invalidateQueries({ queryKey })));
      onDone(decided, changed);
      onClose();
    },
  });
}
