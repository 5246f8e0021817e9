"""ASK AND KEEP: questionnaires, the citizen's form, and the store in which no answer is lost."""
