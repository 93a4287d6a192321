import { Campaign, type Direction, FAULTS, STEPS } from '../integration/promote/fault-campaign.js';
import { type PlannedRow, rowId } from './row.js';

const HOSTS = [1, 2, 3] as const;

/** The world of the promotion's rows, made when the first of them is tried. */
export class Promotions {
  #open: Promise<Campaign> | undefined;
  campaign(): Promise<Campaign> {
    return (this.#open ??= Campaign.create());
  }
  async stop(): Promise<void> {
    await (await this.#open)?.stop();
  }
}

/** Steps of a promotion and of its rollback, on each of production's hosts. */
export const promotionRows = (promotions: Promotions): readonly PlannedRow[] =>
  (['promotion', 'rollback'] as const).flatMap((direction: Direction) =>
    STEPS[direction].flatMap((step) =>
      FAULTS.flatMap((fault) =>
        HOSTS.map((host) => {
          const command = direction === 'promotion' ? 'promote' : 'promote --rollback';
          const where = `${fault}, host ${String(host)}`;
          return {
            id: rowId(command, step.name, where),
            command,
            step: `${step.name} (${String(host)})`,
            fault,
            try: async () => {
              const row = await (await promotions.campaign()).try(direction, step, host, fault);
              return row === undefined ? undefined : { outcome: row.outcome, wrong: row.wrong };
            },
          };
        }),
      ),
    ),
  );
