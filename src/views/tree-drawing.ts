import {
  DefaultRenderer,
  Listr,
  ListrLogger,
  type ListrTask,
  ListrTaskState,
  type ListrTaskWrapper,
  ProcessOutput,
} from "listr2";
import type { Itinerary, ItineraryRegion } from "../core/itinerary.ts";
import { type Paint, painter, type Tone } from "./paint.ts";
import type { TreeLook, TreeRow } from "./tree-row.ts";

/** A tree on a terminal, drawn by listr2. */
export interface Drawing {
  show(rows: readonly TreeRow[]): void;
  /** Draws for the last time by `last`, then leaves the tree on the screen. */
  end(last: () => void): Promise<void>;
}

export interface DrawingOptions {
  readonly output: NodeJS.WriteStream;
  readonly errors: NodeJS.WriteStream;
  readonly color: boolean;
}

/** Milliseconds between two drawings. */
const tickMs = 100;

type Wrapper = ListrTaskWrapper<unknown, typeof DefaultRenderer, typeof DefaultRenderer>;
type Task = ListrTask<unknown, typeof DefaultRenderer, typeof DefaultRenderer>;

/**
 * One listr2 task for everything that may ever be a row, all of them kept waiting until the end:
 * a rollout goes back and forth, a task that returned does not. What is seen of them (state, title,
 * which are there) is set from the rows; `look` is called whenever it is time to show some.
 */
export function startDrawing(
  itinerary: Itinerary,
  options: DrawingOptions,
  look: () => void,
): Drawing {
  const paint = painter(options.color);
  const over = Promise.withResolvers<void>();
  const begun = Promise.withResolvers<void>();
  const wrappers = new Map<string, Wrapper>();
  let expected = 0;
  const task = (key: string, below: readonly Task[] = []): Task => {
    expected += 1;
    return {
      task: (_context, wrapper) => {
        wrappers.set(key, wrapper);
        if (wrappers.size === expected) begun.resolve();
        return below.length === 0 ? over.promise : wrapper.newListr([...below]);
      },
    };
  };
  let changing = false;
  /** Draws to whatever it is given, and never while only a part of the rows is changed. */
  class TreeRenderer extends DefaultRenderer {
    static override nonTTY = true;
    override update(): void {
      if (!changing) super.update();
    }
  }
  const root = new Listr<unknown, typeof DefaultRenderer, typeof DefaultRenderer>(
    tasksOf(itinerary, task),
    {
      concurrent: true,
      exitOnError: false,
      registerSignalListeners: false,
      renderer: TreeRenderer,
      fallbackRenderer: TreeRenderer,
      rendererOptions: rendererOptions(options, paint),
    },
  );
  const ran = root.run();
  const tick = setInterval(() => {
    if (wrappers.size === expected) look();
  }, tickMs);
  const find = (rows: readonly TreeRow[]): readonly Wrapper[] =>
    rows.map(({ key }) => {
      const wrapper = wrappers.get(key);
      if (wrapper === undefined) throw new Error(`the tree has no row "${key}"`);
      return wrapper;
    });
  const apply = (row: TreeRow, wrapper: Wrapper): void => {
    set(wrapper, row, paint);
    const below = find(row.children);
    wrapper.task.subtasks = below.map((it) => it.task);
    row.children.forEach((child, index) => {
      apply(child, below[index]!);
    });
  };
  return {
    show(rows) {
      const shown = find(rows);
      changing = true;
      root.tasks.splice(0, root.tasks.length, ...shown.map((it) => it.task));
      rows.forEach((row, index) => {
        apply(row, shown[index]!);
      });
      changing = false;
    },
    async end(last) {
      clearInterval(tick);
      await begun.promise;
      last();
      changing = true;
      over.resolve();
      await ran;
    },
  };
}

/** A task for every row that `treeModel` may give, below each other as there. */
function tasksOf(
  itinerary: Itinerary,
  task: (key: string, below?: readonly Task[]) => Task,
): Task[] {
  const names = Object.keys(itinerary.instances);
  return [
    task(
      "preflight",
      names.map((name) => task(`preflight/${name}`)),
    ),
    ...itinerary.regions.map((region) =>
      task(`region/${region.name}`, [
        ...region.batches.map((batch, index) =>
          task(
            `batch/${region.name}/${index}`,
            batch.instances.map((name) => task(`instance/${name}`)),
          ),
        ),
        ...laterBatches(itinerary, region).map((index) => task(`batch/${region.name}/${index}`)),
      ]),
    ),
    task("halt"),
  ];
}

/** Batches that a region may come to have, where odd ones get batches of their own: their numbers. */
function laterBatches({ plan }: Itinerary, { batches }: ItineraryRegion): readonly number[] {
  if (plan.rollout.onOutlier !== "last") return [];
  const instances = batches.reduce((sum, batch) => sum + batch.instances.length, 0);
  return Array.from(
    { length: Math.max(0, instances - batches.length) },
    (_, at) => batches.length + at,
  );
}

/** What listr2 draws a look as; it has no state for two of them, and others stand in. */
const states: Readonly<Record<Exclude<TreeLook, "skipped">, ListrTaskState>> = {
  waiting: ListrTaskState.WAITING,
  running: ListrTaskState.STARTED,
  back: ListrTaskState.ROLLING_BACK,
  paused: ListrTaskState.CANCELLED,
  stopped: ListrTaskState.WAITING,
  good: ListrTaskState.COMPLETED,
  bad: ListrTaskState.FAILED,
};

const tones: Readonly<Record<TreeLook, Tone>> = {
  waiting: "quiet",
  running: "plain",
  back: "warning",
  paused: "warning",
  stopped: "plain",
  good: "plain",
  bad: "bad",
  skipped: "quiet",
};

function set(wrapper: Wrapper, { look, title }: TreeRow, paint: Paint): void {
  const { task } = wrapper;
  const painted = paint(tones[look], title);
  if (task.title !== painted) wrapper.title = painted;
  if (look === "skipped") {
    if (!task.isSkipped() || task.message.skip !== painted) wrapper.skip(painted);
  } else if (task.state !== states[look]) task.state$ = states[look];
}

function rendererOptions(options: DrawingOptions, paint: Paint) {
  const as =
    (tone: Tone) =>
    (text = ""): string =>
      paint(tone, text);
  return {
    formatOutput: "truncate",
    collapseSubtasks: false,
    showErrorMessage: false,
    logger: new ListrLogger({ processOutput: new ProcessOutput(options.output, options.errors) }),
    icon: { CANCELLED: "‖", FAILED_WITH_SUBTASKS: "✖" },
    color: {
      SKIPPED_WITH_COLLAPSE: as("quiet"),
      PENDING: as("warning"),
      COMPLETED: as("good"),
      COMPLETED_WITH_FAILED_SUBTASKS: as("bad"),
      ROLLING_BACK: as("warning"),
      FAILED: as("bad"),
      FAILED_WITH_SUBTASKS: as("bad"),
      WAITING: as("quiet"),
      CANCELLED: as("warning"),
    },
  } as const;
}
