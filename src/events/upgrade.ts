/** Events of an upgrade. */
export type UpgradeEvent =
  /** The manifest of this component does not change. */
  | { readonly type: 'static-pod-unchanged'; readonly component: string }
  /** The manifest is being replaced. `backup` is the file that has the earlier one. */
  | { readonly type: 'static-pod-swapping'; readonly component: string; readonly backup: string }
  | { readonly type: 'static-pod-swapped'; readonly component: string; readonly milliseconds: number }
  /** These components have their earlier manifests and run again. */
  | {
      readonly type: 'static-pods-put-back';
      readonly components: readonly string[];
      readonly milliseconds: number;
    }
  | {
      readonly type: 'etcd-backed-up';
      readonly from: string;
      readonly to: string;
      readonly milliseconds: number;
    };
