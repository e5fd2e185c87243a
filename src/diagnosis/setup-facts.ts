/** Facts about how the programs of a machine are set up, as far as they have to fit each other. */

export interface CgroupFacts {
  /** The cgroup driver in the kubelet's configuration. Undefined if an argument may set another one. */
  readonly kubelet?: 'systemd' | 'cgroupfs';
  /** The cgroup driver in the configuration of the runtime. Undefined if it does not report it. */
  readonly runtime?: 'systemd' | 'cgroupfs';
  /** Whether the kubelet takes the driver from the runtime when it starts, and not from its configuration. */
  readonly isTaken: boolean;
}
