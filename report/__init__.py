"""The report and the timeline as a person reads them: plain data in, SVG, HTML and PDF out. No query, no web."""
