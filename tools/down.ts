/** `make down` removes the cluster of `make up`, and leftovers of runs that were killed. */
import { deleteLab, prune } from '../lab/index.ts';

await deleteLab('up');
await prune();
console.log('The cluster is gone; nothing of it is left on this machine but the component cache.');
