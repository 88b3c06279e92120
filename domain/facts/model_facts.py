"""Facts about the machine-learning and language models that a component uses."""

from domain.facts.fact import facts_about
from domain.kernel.elements import Kind

_component = facts_about(Kind.COMPONENT)

FACTS = (
    _component(
        "led_by_model", "Does a language model decide its actions?", "a language model decides its actions"
    ),
    _component.control(
        "model_restricted",
        "Are the model's actions limited (approval or allow-list)?",
        "the model's actions are limited by approval or an allow-list",
        several="the models' actions are not limited by approval or an allow-list",
    ),
    _component.control(
        "tools_limited_to_user",
        "Do the model's tools have only the rights of the person who asks?",
        "the model's tools have only the rights of the person who asks",
        "the model's tools have rights that the person who asks does not have",
        several="the models' tools have rights that the person who asks does not have",
    ),
    _component(
        "uses_model",
        "Does it use a machine-learning or language model?",
        "it uses a machine-learning or language model",
    ),
    _component.control(
        "adversarial_input_detected",
        "Is manipulated input to the model detected?",
        "manipulated input to the model is detected",
        several="manipulated input to the models is not detected",
    ),
    _component.control(
        "model_output_validated",
        "Is the model's output validated before it is used?",
        "the model's output is validated before it is used",
        several="the models' output is not validated before it is used",
    ),
    _component.control(
        "model_use_limited",
        "Is use of the model limited for each caller (tokens, cost)?",
        "use of the model is limited for each caller",
        several="use of the models is not limited for each caller",
    ),
    _component(
        "trains_model",
        "Is a model trained or tuned here (also by feedback)?",
        "a model is trained or tuned here",
    ),
    _component.control(
        "training_data_vetted",
        "Is training data vetted before use (origin, anomalies)?",
        "training data is vetted before use",
    ),
    _component.control(
        "training_data_harmless",
        "Is training data free of what the model must not repeat?",
        "training data is free of what the model must not repeat",
        "training data contains what the model must not repeat",
    ),
    _component.control(
        "model_copying_prevented",
        "Is copying of the model prevented (file access, mass queries)?",
        "copying of the model is prevented",
        several="copying of the models is not prevented",
    ),
    _component(
        "runs_model",
        "Does it load the model itself, instead of calling a service?",
        "it loads the model itself",
    ),
    _component.control(
        "model_file_verified",
        "Is the model's file verified before it is loaded (hash, signature)?",
        "the model's file is verified before it is loaded",
        several="the models' files are not verified before they are loaded",
    ),
    _component.control(
        "results_checked_by_people",
        "Does a person check its results wherever an error would do harm?",
        "a person checks its results wherever an error would do harm",
        "its results take effect without a check by a person",
        several="their results take effect without a check by a person",
    ),
    _component.control(
        "model_quality_watched",
        "Is the quality of its results watched in operation (drift)?",
        "the quality of its results is watched in operation",
        several="the quality of their results is not watched in operation",
    ),
    _component.control(
        "kept_out_of_training",
        "Is what is sent to it kept out of the training of its models?",
        "what is sent to it is kept out of the training of its models",
        "what is sent to it may train its models",
        several="what is sent to them may train their models",
    ),
    _component(
        "prompts_model", "Does it send prompts to a language model?", "it sends prompts to a language model"
    ),
    _component.control(
        "foreign_content_harmless",
        "Is content of others kept from instructing the model (text, images)?",
        "content of others cannot instruct the model",
        "content of others can instruct the model",
        several="content of others can instruct the models",
    ),
    _component.control(
        "prompt_publishable",
        "Could its instructions be published without harm (system prompt)?",
        "its instructions could be published without harm",
        "its instructions contain or protect secrets",
        several="their instructions contain or protect secrets",
    ),
    _component(
        "retrieves_documents",
        "Does the model answer from documents that are looked up (retrieval)?",
        "the model answers from documents that are looked up",
    ),
    _component.control(
        "retrieval_sources_limited",
        "Can only known authors add documents that are looked up?",
        "only known authors can add documents that are looked up",
        "unknown authors can add documents that are looked up",
    ),
    _component.control(
        "retrieval_respects_rights",
        "Are documents looked up with the rights of the person who asks?",
        "documents are looked up with the rights of the person who asks",
        "documents are looked up regardless of the rights of the person who asks",
    ),
)
