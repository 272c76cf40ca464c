/**
 * Rows of a batch that are predicted together: what the graph is fed with stays small, and what is recorded fills a few
 * messages, or one statement. Twice as many are no faster.
 */
export const GROUP_SIZE = 1000;
