import { KubeadmError } from '../../errors.ts';
import { findLeftovers } from '../../leftovers/inventory.ts';
import { rootChecks } from '../../preflight/profiles.ts';
import { runChecks } from '../../preflight/run.ts';
import type { ResetPhase } from './input.ts';
import { searchContext } from './search-context.ts';

/** Asks the user, then checks for root. Source: cmd/phases/reset/preflight.go. */
export const preflight: ResetPhase = {
  name: 'preflight',
  aliases: ['pre-flight'],
  short: 'Run reset pre-flight checks',
  long: 'Run pre-flight checks for kubeadm reset.',
  flags: ['ignore-preflight-errors', 'force', 'dry-run'],
  exclusive: true,
  run: async (input, host, { emit, signal }) => {
    const { options } = input;
    if (options.all) {
      const context = await searchContext(input, host, { afterCleanup: false, signal });
      emit({ type: 'leftovers-found', ...(await findLeftovers(host, context)) });
    }
    if (options.ask) {
      emit({
        type: 'warning',
        code: 'changes-will-be-reverted',
        topic: 'reset',
        message: "what 'kubeadm init' or 'kubeadm join' changed on this machine will be reverted",
      });
      const answer = await host.prompt.ask('[reset] Are you sure you want to proceed? [y/N]: ', signal);
      signal.throwIfAborted();
      if (!/^(y|yes)$/i.test(answer ?? '')) {
        throw new KubeadmError('refused', "won't proceed: the answer was not y or yes", {
          hint: 'Nothing was changed. With --force kubeadm does not ask.',
        });
      }
    }
    emit({ type: 'preflight-running' });
    await runChecks(rootChecks, host, { ignore: options.ignorePreflightErrors, emit, signal });
  },
};
