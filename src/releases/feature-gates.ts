/** The feature gates of kubeadm itself. Help reads them too, so they are not in the file with the large tables of types. */

export type FeatureGate = 'NodeLocalCRISocket' | 'PublicKeysECDSA' | 'RootlessControlPlane';

export interface FeatureGateState {
  readonly default: boolean;
  readonly stage: 'ALPHA' | 'BETA' | 'GA' | 'DEPRECATED';
}

export type FeatureGates = Readonly<Record<FeatureGate, FeatureGateState>>;

/** The feature gates of kubeadm 1.36.2, which has the same for both minors. Source: cmd/kubeadm/app/features/features.go. */
export const featureGates136: FeatureGates = {
  NodeLocalCRISocket: { default: true, stage: 'GA' },
  PublicKeysECDSA: { default: false, stage: 'DEPRECATED' },
  RootlessControlPlane: { default: false, stage: 'ALPHA' },
};

/** A line for each gate, such as `RootlessControlPlane=true|false (ALPHA - default=false)`. */
export function describeGates(gates: FeatureGates): readonly string[] {
  return Object.entries(gates)
    .map(([name, state]) => {
      const stage = state.stage === 'GA' ? '' : `${state.stage} - `;
      return `${name}=true|false (${stage}default=${state.default})`;
    })
    .sort();
}
