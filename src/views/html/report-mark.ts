/** First in every report, so that a later one knows what it may take the place of. */
export const reportMark = "<!doctype html><!-- handrail report -->";
