/** Every warning that kubeadm can give. docs/reference/warnings.md is made from this list. */

/** The meaning of each code, and what the user can do. Codes are stable, so programs can rely on them. */
export const warningMeanings = {
  'accounts-not-removed':
    'The users and groups of a control plane that does not run as root could not be removed. Remove them from /etc/passwd and /etc/group.',
  'advertise-address-replaced':
    'The given address cannot be the one that the API server advertises, so another address of this machine is used. Set localAPIEndpoint.advertiseAddress.',
  'api-endpoint-unknown':
    "Neither the static Pod manifests nor the cluster named the address of this node's API server. Check which members etcd has left.",
  'api-server-versions-differ':
    'The API servers of the cluster have different versions, for example because an upgrade has not ended. Upgrade all control planes to the same version.',
  'api-version-deprecated':
    "The configuration file uses a deprecated version of the kubeadm API. Run 'kubeadm config migrate'.",
  'authorization-mode-unknown':
    'The API server has no authorization mode of this name and will not start. Correct the argument authorization-mode.',
  'authorization-mode-unusual':
    'The authorization modes are not Node,RBAC, which kubeadm expects. Check that nodes and the addons keep their access.',
  'bootstrap-token-left':
    'A run that did not end may have created a bootstrap token that is no longer configured. Delete it.',
  'certificate-key-unusable':
    'The key of a certificate cannot be read or belongs to another certificate. Put the right key beside the certificate.',
  'certificate-name-ignored':
    'A name is neither an IP address nor a DNS name, so the certificate does not have it. Correct certSANs.',
  'certificate-names-missing':
    'A given certificate of an external authority is not valid for all names of this node. Have it signed again with these names.',
  'certificate-out-of-bounds':
    'A certificate has expired or is not valid yet. Renew it, or set the clock of this machine.',
  'certificate-outlives-authority':
    'Certificates would be valid for longer than their authority. Lower certificateValidityPeriod.',
  'certificate-validity-long':
    'Certificates or their authority would be valid for longer than recommended. Lower the validity period in the configuration.',
  'certificates-directory-not-default':
    'The contents of a certificates directory that is not /etc/kubernetes/pki are deleted. Check that nothing else keeps files there.',
  'certificates-of-other-run-left':
    'The certificates of this cluster, or of an init that did not end, are in another directory than the one that reset empties, and they are kept. Run reset with that directory to remove them.',
  'changes-will-be-reverted':
    "The reset undoes what 'kubeadm init' or 'kubeadm join' did on this machine. Answer y only if this is the right machine.",
  'client-certificate-validity-long':
    'The client certificate of a user would be valid for longer than a year, and it cannot be revoked. Use a shorter --validity-period.',
  'clock-differs':
    'The clock of this machine differs from that of the API server, so certificates may not be valid on this machine. Let both take their time from a time server.',
  'cluster-configuration-not-read':
    'The cluster did not give its configuration, so the command continues without it. Check that the API server answers and that the kubeconfig is right.',
  'cluster-info-forbidden':
    'The API server does not allow to read cluster-info, so the server and the CA of the kubeconfig for discovery are not compared with it. The connection itself is verified.',
  'cluster-not-asked':
    'The kubeconfig cannot be used, so the cluster is not asked for its configuration. Name a kubeconfig with --kubeconfig.',
  'component-not-put-back':
    'A component of the control plane could not be upgraded, and its earlier version does not run again. The message names the back-up of its manifest.',
  'component-value-not-recommended':
    'A component configuration has a value other than the one that fits this cluster. Remove the field if the value is not wanted.',
  'container-evidence':
    'A container of the control plane does not run. The message has the last lines of its log. Correct the problem that they name.',
  'container-runtime-silent':
    'The container runtime does not answer, so nothing is known about the containers. Check that it runs.',
  'containers-not-removed':
    'Containers of this node could not be removed. Remove them with crictl after the container runtime answers again.',
  'control-plane-flags-ignored':
    'Flags for a control plane have no effect, because this node joins as a worker. Add --control-plane, or remove them.',
  'corefile-not-migrated':
    'The Corefile could not be changed for the new CoreDNS, so CoreDNS keeps its version and its Corefile. Change the Corefile by hand, then run the addon phase again.',
  'cri-socket-not-stored':
    'Neither the Node nor the files of the kubelet name the socket of the container runtime, so kubeadm looked for it. Check that it is the right one.',
  'cri-socket-without-scheme':
    'The container runtime endpoint has no URL scheme. Write unix:// in front of it.',
  'directory-not-emptied': 'A directory could not be emptied. Delete its contents by hand.',
  'discovery-not-verified':
    'The kubeconfig for discovery switches off the verification of the server. Remove insecure-skip-tls-verify from it, and add the CA certificate of the cluster.',
  'discovery-server-differs':
    'The kubeconfig for discovery names another API server than cluster-info. Check that both are addresses of the same cluster.',
  'document-ignored':
    'The command does not read this kind of document. Remove it from the file, or give the file to the command that reads it.',
  'document-not-migrated':
    'The document is not part of the migrated configuration. Copy it to the new file to keep it.',
  'dry-run-directory':
    'A dry run writes its files to this directory. Set KUBEADM_INIT_DRYRUN_DIR to choose another one.',
  'dry-run-discovery-replaced':
    'The API server does not answer, so the dry run makes up a cluster, with a token, a CA and an endpoint of its own. Start the cluster first to see what a run would do with it.',
  'dry-run-refused':
    'A run with the same request that is not a dry run would be refused. The message says why.',
  'duplicate-key':
    'A mapping in a configuration file has the same key twice, and only the last value counts. Remove the other one.',
  'etcd-data-dir-from-manifest':
    'The configuration of the cluster is not available, so the etcd data directory is taken from the static Pod manifest. Check that it is the right one.',
  'etcd-data-kept':
    'Nothing shows that kubeadm made the data in the etcd data directory, so it is kept. Delete the contents of the directory by hand if nobody needs them.',
  'etcd-data-left': 'The data of etcd could not be deleted. Delete the contents of the directory by hand.',
  'etcd-endpoints-from-manifest':
    'The cluster did not name the endpoints of etcd, so they are taken from the static Pod manifest of this node. Check that the API server answers.',
  'etcd-member-left':
    "The etcd member of this node could not be removed. Remove it with 'etcdctl member remove' on another member.",
  'etcd-member-replaced':
    'The etcd cluster had a member of this node whose data is gone, so a new one replaces it. You do not have to do anything.',
  'etcd-member-unhealthy':
    'A member of etcd is not healthy, while the others have a quorum. Repair or remove it before another one fails.',
  'etcd-newer':
    'The etcd of this node is newer than the one that belongs to the new version of Kubernetes, so etcd is not changed.',
  'etcd-peer-unreachable':
    'This node cannot connect to a member of etcd at its peer URL. Check that etcd runs there, and open the TCP port for all control planes in each firewall.',
  'feature-gate-alpha':
    'The feature gate switches on an alpha feature, which can change or go in any release.',
  'feature-gate-deprecated':
    'The feature gate is deprecated. Use the field of the configuration that replaces it.',
  'feature-gate-locked':
    'Upstream no longer lets this feature gate be switched off, and neither will a later release of this kubeadm. Remove it.',
  'file-not-removed': 'A file could not be removed. Remove it by hand.',
  'image-presence-unknown':
    'The container runtime cannot tell whether an image is on this machine, so it is asked to pull the image.',
  'manifests-directory-not-made':
    'The directory of the static Pod manifests could not be made. On a machine without a control plane you do not have to do anything. Otherwise make /etc/kubernetes writable.',
  'node-name-from-host':
    "The kubelet's kubeconfig does not name the node, so the host name is used. Check that the Node has the name of the host.",
  'service-manager-unsupported':
    'There is no init system that kubeadm can ask to stop the kubelet. Stop the kubelet by hand.',
  'kubeconfig-server-differs':
    'A kubeconfig file is kept although it names another API server. Remove it, and kubeadm makes a new one.',
  'kubelet-not-started': "The kubelet could not be started. See 'systemctl status kubelet' and start it.",
  'kubelet-not-stopped': 'The kubelet could not be stopped. Stop it by hand before its files are changed.',
  'kubelet-resolv-conf':
    'The kubelet is configured with a resolv.conf that does not fit systemd-resolved on this machine. Correct resolvConf in the KubeletConfiguration.',
  'kubelet-unit-not-read':
    "The init system could not read the unit of the kubelet again, so the kubelet may start with an old one. Run 'systemctl daemon-reload'.",
  'left-in-cluster':
    'A join has failed, and the cluster has objects of this machine. The same command goes on with them; the message has the commands that remove them.',
  'leftovers-not-removed':
    'A rule, link or file that the cluster left could not be removed. The message names the reason. Remove it by hand, or run reset again.',
  'mount-already-gone': 'A mount disappeared before it could be unmounted. You do not have to do anything.',
  'no-default-route':
    'This machine has no default route, so the API server advertises 0.0.0.0. Set localAPIEndpoint.advertiseAddress.',
  'node-not-marked':
    'The node was not marked as a control plane, because the cluster has no such node yet. Run the phase mark-control-plane again.',
  'old-certificate-in-use':
    'A component still uses the certificate from before its renewal. Restart the component, or renew with --restart.',
  'patch-duplicate-key':
    'A patch has the same key twice in a mapping, and only the last value counts. Remove the other one.',
  'private-key-not-private':
    'Users other than its owner can read a private key. Take the access away with chmod 600, and renew the certificate if the key may have been read.',
  'release-not-fetched':
    'The release server did not answer, so the version of this kubeadm is used. Set kubernetesVersion.',
  'run-can-continue':
    'The run has failed, and what it did is kept. Run the same command again to continue, or reset to undo it.',
  'run-not-announced':
    'The file in /run that shows that this run is active cannot be written or removed, so it does not prevent a second run. Do not start one.',
  'run-record-dropped':
    'A late phase of an init that did not end was run by hand, so init does not continue it. Run the missing phases by hand.',
  'run-record-ignored':
    'The record of a run that did not end cannot be read or does not match the files on this machine. It is not used.',
  'run-record-not-removed':
    'The record of this run cannot be removed. Remove it by hand. The record of `init` holds secrets.',
  'run-record-not-kept':
    'The record of this run cannot be written, so a run that is cut off cannot be continued. Check the disk.',
  'sandbox-image-differs':
    "The container runtime uses another image for Pod sandboxes than kubeadm expects. Set that image in the runtime's configuration.",
  'service-account-public-key-missing':
    'The file sa.pub is missing, and the API server does not start without it. Make it from sa.key.',
  'stored-configuration-unknown-field':
    'The configuration in the cluster has a field that this kubeadm does not know. The field is ignored.',
  'subnet-site-local':
    'A subnet overlaps with the deprecated IPv6 range fec0::/10. Use a unique local range, fc00::/7.',
  'timeline-not-drawn': 'The file of --timeline could not be written. The run itself is not affected.',
  'temporary-file-left': 'A temporary file of a run that was cut off cannot be removed. Remove it by hand.',
  'token-ignored':
    'The token of the command line is not created, because --config names the tokens. Use only one of them.',
  'token-secret-invalid':
    'A Secret of a bootstrap token in the cluster is malformed, so the token cannot be used. Delete the Secret.',
  'unfinished-upgrade': 'An upgrade of this node did not end. Run the same command again to complete it.',
  'unknown-field':
    'A configuration file has a field that its kind does not have. The field is ignored; correct its name or remove it.',
  'unmount-skipped':
    'The directory of the kubelet could not be found, so nothing below it is unmounted. On a machine without a kubelet you do not have to do anything.',
} as const;

export type WarningCode = keyof typeof warningMeanings;
