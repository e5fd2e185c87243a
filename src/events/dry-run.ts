/** Each write that a dry run would do (`host/dry-run`). */
export type DryRunEvent =
  /** `content` is absent if it may hold a secret. `copy` is the file that the dry run wrote instead. */
  | {
      readonly type: 'would-write';
      readonly path: string;
      readonly content?: string;
      readonly copy?: string;
    }
  | { readonly type: 'would-make-directory'; readonly path: string }
  /** `tree` is a directory with all below it. `contents` is all below it, without the directory. */
  | {
      readonly type: 'would-remove';
      readonly path: string;
      readonly what: 'file' | 'tree' | 'contents';
    }
  | { readonly type: 'would-change-mode'; readonly path: string; readonly mode: number }
  /** With `below`, everything below the path changes its owner, too. */
  | {
      readonly type: 'would-change-owner';
      readonly path: string;
      readonly uid: number;
      readonly gid: number;
      readonly below: boolean;
    }
  | { readonly type: 'would-move'; readonly from: string; readonly to: string }
  | { readonly type: 'would-copy'; readonly from: string; readonly to: string }
  /** `input` is the text that the program would read from its standard input. */
  | { readonly type: 'would-run'; readonly command: readonly string[]; readonly input?: string }
  | { readonly type: 'would-start-service'; readonly service: string }
  | { readonly type: 'would-restart-service'; readonly service: string }
  | { readonly type: 'would-stop-service'; readonly service: string }
  /** The init system would read the unit of the service again. */
  | { readonly type: 'would-read-unit'; readonly service: string }
  | { readonly type: 'would-unmount'; readonly path: string }
  | { readonly type: 'would-pull-image'; readonly image: string }
  /** `id` is the id of the sandbox in the container runtime. Name and namespace are those of its Pod, if it was listed. */
  | {
      readonly type: 'would-stop-pod';
      readonly id: string;
      readonly name?: string;
      readonly namespace?: string;
    }
  | {
      readonly type: 'would-remove-pod';
      readonly id: string;
      readonly name?: string;
      readonly namespace?: string;
    }
  | { readonly type: 'would-add-member'; readonly peerURL: string }
  /** `id` is the hexadecimal id of the etcd member. */
  | { readonly type: 'would-promote-member'; readonly id: string }
  | { readonly type: 'would-remove-member'; readonly id: string }
  /** A call of the API. GET and LIST are made; only some commands report them, as upstream does. */
  | {
      readonly type: 'would-call';
      readonly verb: 'GET' | 'LIST' | 'CREATE' | 'UPDATE' | 'PATCH' | 'DELETE';
      /** The plural name, such as `configmaps`. */
      readonly resource: string;
      /** Group and version, such as `apps/v1` and `core/v1`. */
      readonly api: string;
      /** The name of the object in the call. LIST, CREATE and UPDATE have no name. */
      readonly name?: string;
      readonly namespace?: string;
      /** JSON. */
      readonly patch?: string;
      /** YAML of the object that was found or would be written. */
      readonly object?: string;
    };
