//! Which FHIR types have a place in the record, and why the others have none.

/// A kind of resource that the mapping understands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// A record of its own.
    Organization,
    /// A record of its own.
    Practitioner,
    /// Fills the organization and specialty of a practitioner.
    PractitionerRole,
    /// A record of its own.
    Location,
    /// A record of its own.
    Patient,
    /// A record of its own.
    Encounter,
    /// Adds participants to an encounter.
    CareTeam,
    /// A record of its own.
    Condition,
    /// `AllergyIntolerance`.
    Allergy,
    /// A record of its own.
    Observation,
    /// Names what a medication request asks for; not a record of its own.
    Medication,
    /// A record of its own.
    MedicationRequest,
    /// A record of its own.
    Immunization,
    /// A record of its own.
    Procedure,
}

impl Kind {
    /// All kinds, those first that others refer to.
    pub const ALL: [Self; 14] = [
        Self::Organization,
        Self::Practitioner,
        Self::PractitionerRole,
        Self::Location,
        Self::Patient,
        Self::Encounter,
        Self::CareTeam,
        Self::Condition,
        Self::Allergy,
        Self::Observation,
        Self::Medication,
        Self::MedicationRequest,
        Self::Immunization,
        Self::Procedure,
    ];

    /// The FHIR type, e.g. `AllergyIntolerance`.
    #[must_use]
    pub fn fhir(self) -> &'static str {
        match self {
            Self::Organization => "Organization",
            Self::Practitioner => "Practitioner",
            Self::PractitionerRole => "PractitionerRole",
            Self::Location => "Location",
            Self::Patient => "Patient",
            Self::Encounter => "Encounter",
            Self::CareTeam => "CareTeam",
            Self::Condition => "Condition",
            Self::Allergy => "AllergyIntolerance",
            Self::Observation => "Observation",
            Self::Medication => "Medication",
            Self::MedicationRequest => "MedicationRequest",
            Self::Immunization => "Immunization",
            Self::Procedure => "Procedure",
        }
    }

    /// The kind of a FHIR type; `None` if it has no place here.
    #[must_use]
    pub fn of(fhir: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.fhir() == fhir)
    }
}

const BILLING: &str = "billing is not part of the record yet";
const PLANS: &str = "care plans are not part of the record yet";
const DOCUMENTS: &str = "documents and notes are not part of the record yet";
const REPORTS: &str =
    "reports are not part of the record yet; the observations they list are taken";
const IMAGES: &str = "images are not part of the record yet";
const ORDERS: &str = "orders and appointments are not part of the record yet";
const PHARMACY: &str = "the pharmacy is not part of the record yet";
const MACHINERY: &str = "it describes systems and vocabularies, not patients";
const TRACES: &str = "it tells how other systems handled the data; HealthFlow keeps its own audit";
const RESEARCH: &str = "research and quality measures are not part of the record";
const GROUPS: &str = "lists and groups are not part of the record yet";
const OTHERS: &str = "there is no place for it in the record yet";

/// Why a resource of this FHIR type is left out. `None` if FHIR R4 knows no such type.
#[must_use]
pub fn why_left_out(fhir: &str) -> Option<&'static str> {
    Some(match fhir {
        "Account"
        | "ChargeItem"
        | "ChargeItemDefinition"
        | "Claim"
        | "ClaimResponse"
        | "Contract"
        | "Coverage"
        | "CoverageEligibilityRequest"
        | "CoverageEligibilityResponse"
        | "EnrollmentRequest"
        | "EnrollmentResponse"
        | "ExplanationOfBenefit"
        | "InsurancePlan"
        | "Invoice"
        | "PaymentNotice"
        | "PaymentReconciliation" => BILLING,
        "CarePlan" | "Goal" | "NutritionOrder" | "RequestGroup" | "RiskAssessment" => PLANS,
        "Binary"
        | "ClinicalImpression"
        | "Communication"
        | "CommunicationRequest"
        | "Composition"
        | "Consent"
        | "DocumentManifest"
        | "DocumentReference"
        | "Questionnaire"
        | "QuestionnaireResponse" => DOCUMENTS,
        "DiagnosticReport" => REPORTS,
        "BodyStructure" | "ImagingStudy" | "Media" | "VisionPrescription" => IMAGES,
        "Appointment"
        | "AppointmentResponse"
        | "DeviceRequest"
        | "EpisodeOfCare"
        | "ReferralRequest"
        | "Schedule"
        | "ServiceRequest"
        | "Slot"
        | "Specimen"
        | "Task"
        | "SupplyRequest" => ORDERS,
        "MedicationAdministration"
        | "MedicationDispense"
        | "MedicationKnowledge"
        | "MedicationStatement"
        | "SupplyDelivery" => PHARMACY,
        "ActivityDefinition"
        | "CapabilityStatement"
        | "CatalogEntry"
        | "CodeSystem"
        | "CompartmentDefinition"
        | "ConceptMap"
        | "Endpoint"
        | "EventDefinition"
        | "ExampleScenario"
        | "GraphDefinition"
        | "ImplementationGuide"
        | "Library"
        | "MessageDefinition"
        | "NamingSystem"
        | "ObservationDefinition"
        | "OperationDefinition"
        | "Parameters"
        | "PlanDefinition"
        | "SearchParameter"
        | "SpecimenDefinition"
        | "StructureDefinition"
        | "StructureMap"
        | "Subscription"
        | "TerminologyCapabilities"
        | "TestReport"
        | "TestScript"
        | "ValueSet" => MACHINERY,
        "AuditEvent" | "MessageHeader" | "OperationOutcome" | "Provenance"
        | "VerificationResult" | "Linkage" | "GuidanceResponse" => TRACES,
        "EffectEvidenceSynthesis"
        | "Evidence"
        | "EvidenceVariable"
        | "Measure"
        | "MeasureReport"
        | "ResearchDefinition"
        | "ResearchElementDefinition"
        | "ResearchStudy"
        | "ResearchSubject"
        | "RiskEvidenceSynthesis" => RESEARCH,
        "Group" | "List" | "Flag" | "Basic" | "Person" | "RelatedPerson" => GROUPS,
        "AdverseEvent"
        | "BiologicallyDerivedProduct"
        | "DetectedIssue"
        | "Device"
        | "DeviceDefinition"
        | "DeviceMetric"
        | "DeviceUseStatement"
        | "FamilyMemberHistory"
        | "HealthcareService"
        | "ImmunizationEvaluation"
        | "ImmunizationRecommendation"
        | "MedicinalProduct"
        | "MolecularSequence"
        | "OrganizationAffiliation"
        | "Substance"
        | "SubstanceSpecification" => OTHERS,
        _ => return None,
    })
}
