@resilience @pci-6.2.4 @cwe-755 @cwe-636 @asvs-V16.5.2 @asvs-V16.5.3 @wstg-BUSL-06
Feature: The provider has a bad minute, and the money is still counted once

  Connections break at the worst place: after the provider acted and before it said so. Whoever takes silence for a no
  charges twice or forgets a payment; whoever takes it for a yes ships for nothing.

  @critical @defect-R02 @defect-R06 @defect-R11 @simulator-only
  Scenario Outline: Starting to pay meets <trouble>
    Given a shopper with an unpaid order of 49.99 EUR
    And the next request to start a payment meets <trouble>
    When the shopper pays with a Visa card, trying again if told to
    Then the order is paid
    And the order is fulfilled once
    And the provider has 49.99 EUR captured
    And the provider was asked to start a payment at most 4 times

    Examples:
      | trouble                  |
      | a dropped connection     |
      | a conflict               |
      | too many requests        |
      | an error of the provider |
      | a lost answer            |
      | a late answer            |

  @critical @defect-M05 @defect-R02 @simulator-only
  Scenario Outline: A refund meets <trouble>
    Given a shopper who paid 100.00 EUR
    And the next request to refund meets <trouble>
    When the operator refunds 40.00 EUR, trying again if told to
    Then the order is partly refunded
    And the provider has 40.00 EUR refunded
    And the shop counts 40.00 EUR as refunded
    And the books balance and agree with the provider

    Examples:
      | trouble                  |
      | a dropped connection     |
      | a conflict               |
      | too many requests        |
      | an error of the provider |
      | a lost answer            |
      | a late answer            |

  @critical @defect-R09 @defect-R02 @defect-M01 @simulator-only
  Scenario Outline: A capture meets <trouble>
    Given a shopper with 100.00 EUR held on their card
    And the next request to capture meets <trouble>
    When the operator captures the payment, trying again if told to
    Then the order is paid
    And the provider has 100.00 EUR captured
    And the order is fulfilled once
    And the books balance and agree with the provider

    Examples:
      | trouble                  |
      | a dropped connection     |
      | a conflict               |
      | too many requests        |
      | an error of the provider |
      | a lost answer            |

  @critical @defect-R08 @defect-R02 @simulator-only
  Scenario: No answer to a refund ever comes, and reconciliation finds out that it was made
    Given a shopper who paid 100.00 EUR
    And every request to refund meets a lost answer
    And the provider's events are held back
    When the operator refunds 40.00 EUR
    And the provider is back
    And every held event is lost
    And the operator reconciles with the provider
    Then the order is partly refunded
    And the provider counts 1 refund
    And the shop counts 40.00 EUR as refunded
    And the books balance and agree with the provider

  @critical @defect-R08 @defect-M05 @simulator-only
  Scenario: A refund that nobody answered has not failed
    Given a shopper who paid 100.00 EUR
    And nothing is under way any more
    And the provider's events are held back
    And every request to refund meets a lost answer
    When the operator refunds 40.00 EUR
    Then the provider has 40.00 EUR refunded
    And the operator sees no failed refund

  @critical @defect-R08 @simulator-only
  Scenario: No answer to a capture ever comes, and reconciliation finds out that it was made
    Given a shopper with 100.00 EUR held on their card
    And every request to capture meets a lost answer
    And the provider's events are held back
    When the operator captures the payment
    And the provider is back
    And every held event is lost
    And the operator reconciles with the provider
    Then the order is paid
    And the order is fulfilled once
    And the books balance and agree with the provider

  @critical @defect-R08 @defect-L02 @simulator-only
  Scenario: No answer to starting a payment ever comes, and trying again finds the one that was made
    Given a shopper with an unpaid order of 49.99 EUR
    And every request to start a payment meets a lost answer
    When the shopper starts to pay
    And the provider is back
    And the shopper pays with a Visa card
    Then the order is paid
    And the provider counts 1 payment
    And the provider has 49.99 EUR captured

  @high @defect-R07 @cwe-400 @simulator-only
  Scenario: A provider that does not answer does not keep the shopper waiting for ever
    Given a shopper with an unpaid order of 49.99 EUR
    And every request to start a payment meets a late answer
    When the shopper starts to pay
    Then the answer came within 30 seconds
    And the shop still answers

  @critical @defect-R12 @defect-P06 @simulator-only
  Scenario Outline: The shop survives <trouble> that does not end, and says so decently
    Given a shopper with an unpaid order of 49.99 EUR
    And every request to start a payment meets <trouble>
    When the shopper starts to pay
    Then the answer shows no insides of the shop
    And the shop still answers
    And the order stays unpaid

    Examples:
      | trouble                  |
      | a dropped connection     |
      | too many requests        |
      | an error of the provider |

  @high @defect-R13 @simulator-only
  Scenario: An order made while the provider is away can be paid when it is back
    Given a shopper with an unpaid order of 49.99 EUR
    And the provider is away
    When the shopper starts to pay
    And the provider is back
    And the shopper pays with a Visa card
    Then the order is paid
    And the provider counts 1 payment

  @medium @defect-R06 @defect-R11 @simulator-only
  Scenario: A shop that is asked to slow down does not hammer
    Given a shopper with an unpaid order of 49.99 EUR
    And every request to start a payment meets too many requests
    When the shopper starts to pay
    Then the provider was asked to start a payment at most 3 times

  @high @defect-R08 @defect-M09 @simulator-only
  Scenario: No answer to releasing a hold ever comes
    Given a shopper with 100.00 EUR held on their card
    And every request to cancel a payment meets a lost answer
    When the operator releases the hold
    And the provider is back
    And the operator reconciles with the provider
    Then the order is cancelled
    And the provider has 0.00 EUR captured
