"""One retraining, step by step: a file per step, a task of the DAG per step.

``snapshot → preprocess → train (each family) → evaluate → publish → report``

Steps pass a job's id only, see `satispy.workflows.retraining.jobs`. A step that is retried starts
over or finds its result written; none leaves a half one. Each file imports what its step needs and
no more, for every step is a process of its own.
"""
