import { usageCorrectionsApi, type CallOf, type DeviceView } from '#contracts';
import type { UsageDecision } from '#domain';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { call } from '../api.js';
import { refreshUse } from './queries.js';

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
      await refreshUse(queryClient, device.id);
      onDone(decided, changed);
      onClose();
    },
    // There may be others by now than were shown.
    onError: () => refreshUse(queryClient, device.id),
  });
}
