/** What workerd needs for itself. */
export default { fetch: () => new Response('{}') } satisfies ExportedHandler;
