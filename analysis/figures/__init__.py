"""SEE: from results to Plotly figures, each with a sentence, a text and a table."""
