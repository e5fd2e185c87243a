import type { Check } from '../check.ts';
import { service } from './service.ts';

/** The check Service-kubelet. */
export const serviceKubelet: Check = service('kubelet');
