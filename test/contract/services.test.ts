import { createMemoryHost } from '../../src/host/memory/index.ts';
import { servicesContract } from './services-contract.ts';

servicesContract(
  'in memory',
  () =>
    createMemoryHost({
      services: { contract: {}, failing: { enabled: false, startError: 'exit code 1' } },
    }).services,
);
